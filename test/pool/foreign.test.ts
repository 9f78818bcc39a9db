import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../src/pool/index.js';
import { lacks, tiers } from '../tiers.js';
import * as inputs from '../inputs.js';
import { bitsOf, openThreads } from './pool-calls.js';

// Arrays on SharedArrayBuffers of the program's own: threads copy their rows by themselves, with the same bits.

const [ROWS, COLS] = [700, 70];

/** A copy on shared memory, `before` bytes after its beginning. */
function shared<A extends Float32Array | Int32Array | Uint8Array | Uint16Array>(from: A, before = 0, room = 0): A {
  const Buffer = SharedArrayBuffer as unknown as new (
    bytes: number,
    options?: { maxByteLength: number },
  ) => SharedArrayBuffer;
  const bytes = before + from.byteLength;
  const buffer = room > 0 ? new Buffer(bytes, { maxByteLength: bytes + room }) : new Buffer(bytes);
  const copy = new (from.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => A)(
    buffer,
    before,
    from.length,
  );
  copy.set(from as never);
  return copy;
}

describe.skipIf(lacks.includes('SharedArrayBuffer')).each(tiers)('arrays on shared memory, $name', (tier) => {
  const engine = tier.engine();
  const logits = inputs.normal(ROWS * COLS, 0, 3, 5);
  const labels = Int32Array.from({ length: ROWS }, (_, r) => (r % 5 ? r % COLS : -100));

  describe.each([1, 2, 7])('%i threads', (threads) => {
    let pool: Pool;
    beforeAll(async () => {
      pool = await openThreads({ threads, tier: tier.name });
    });
    afterAll(() => pool.close());

    /** Calls with the same arrays: the first copies them here, the others leave it to the threads. */
    async function expectEachTime(call: () => Promise<readonly (Float32Array | number)[]>, want: readonly unknown[]) {
      for (let i = 0; i < 3; i++) {
        const got = await call();
        got.forEach((value, k) => expect(bitsOf(value).equals(bitsOf(want[k])), `call ${i}, result ${k}`).toBe(true));
      }
    }

    it.each([
      [0, 0],
      [20, 0],
      [0, 4096],
    ])('softmax and the loss, %i bytes after the beginning, growing by %i', async (before, room) => {
      const x = shared(logits, before, room);
      const t = shared(labels, before, room);
      const [out, losses] = [shared(new Float32Array(x.length), before), shared(new Float32Array(ROWS), before)];
      await expectEachTime(async () => [await pool.softmax(x, COLS, { out })], [engine.softmax(logits, COLS)]);
      const want = engine.crossEntropyWithGrad(logits, labels, COLS);
      const wantLosses = engine.crossEntropy(logits, labels, COLS, { reduction: 'none' });
      await expectEachTime(async () => {
        const { loss, dlogits } = await pool.crossEntropyWithGrad(x, t, COLS, { out, losses });
        return [loss, dlogits, losses];
      }, [want.loss, want.dlogits, wantLosses]);
    });

    it('rows as they are, labels of a byte, in place', async () => {
      const want = engine.crossEntropyGrad(logits, labels, COLS, { inner: ROWS / 2 });
      const t = shared(Uint8Array.from(labels, (label) => (label < 0 ? 200 : label)));
      const x = shared(logits);
      await expectEachTime(async () => {
        x.set(logits);
        return [await pool.crossEntropyGrad(x, t, COLS, { inner: ROWS / 2, ignoreIndex: 200, out: x })];
      }, [want]);
      const mask = shared(Uint8Array.from(logits, (_, i) => (i * 7) % 3));
      const half = shared(Uint16Array.from(logits, (_, i) => (i * 31) % 0x7000));
      const out = shared(new Float32Array(half.length));
      const options = { dtype: 'float16', mask: mask.slice() } as const;
      const wantHalf = engine.softmax(half.slice(), COLS, options);
      await expectEachTime(async () => [await pool.softmax(half, COLS, { ...options, mask, out })], [wantHalf]);
    });

    it('beside arrays of the pool, of another pool, and ordinary ones', async () => {
      const want = engine.softmax(logits, COLS);
      const other = await openThreads({ threads: 1, tier: tier.name });
      const own = pool.alloc(logits.length);
      const foreign = other.alloc(logits.length);
      const x = shared(logits);
      foreign.set(logits);
      await expectEachTime(async () => [await pool.softmax(x, COLS, { out: own })], [want]);
      await expectEachTime(async () => [await pool.softmax(foreign, COLS, { out: own })], [want]);
      await expectEachTime(async () => [await pool.softmax(x, COLS)], [want]);
      await expectEachTime(async () => [await pool.softmax(logits, COLS, { out: x })], [want]);
      pool.free(own);
      await other.close();
    });

    it('many of them at once, while threads compute', async () => {
      const want = bitsOf(engine.softmax(logits, COLS));
      const arrays = Array.from({ length: 12 }, () => shared(logits));
      for (let i = 0; i < 3; i++) {
        for (const array of arrays) array.set(logits);
        const calls = arrays.map((array) => pool.softmax(array, COLS, { out: array }));
        for (const got of await Promise.all(calls)) expect(bitsOf(got).equals(want)).toBe(true);
      }
    });
  });
});
