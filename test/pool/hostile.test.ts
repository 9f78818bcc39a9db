import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngine } from '../../src/index.js';
import type { Pool } from '../../src/pool/index.js';
import { textOf } from '../argument.js';
import * as inputs from '../inputs.js';
import { bitsOf, openThreads } from './pool-calls.js';

// What callers and other threads do to a call's arrays, signals and options while it is under way.

const LONG = 2_000_000;
const LOST = 'to keep its buffer while the call uses it, got one that was transferred or shrunk';
const transfer = (array: Float32Array | Int32Array) =>
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
const outcome = (promise: Promise<unknown>) => promise.then(() => 'fulfilled', textOf);

describe.each([
  { way: 'shared memory', isolated: true },
  { way: 'messages', isolated: false },
])('pool, $way', ({ isolated }) => {
  let pool: Pool;
  beforeEach(async () => {
    vi.stubGlobal('crossOriginIsolated', isolated);
    pool = await openThreads({ threads: 2, tier: 'simd' });
    vi.unstubAllGlobals();
  });
  afterEach(() => pool.close());

  const expectSound = async () => {
    const x = inputs.normal(20_000, 0, 4, 3);
    const want = bitsOf(createEngine({ tier: 'simd' }).softmax(x, 10));
    expect(bitsOf(await pool.softmax(x, 10)).equals(want)).toBe(true);
  };

  it('an array that is transferred away: that call rejects, the others go on', async () => {
    const arrays = () => {
      const [logits, out] = [new Float32Array(LONG), new Float32Array(LONG)];
      return {
        logits,
        out,
        targets: new Int32Array(LONG / 10),
        losses: new Float32Array(LONG / 10),
        lse: new Float32Array(LONG / 10),
      };
    };
    for (const name of ['logits', 'out', 'targets', 'losses', 'lse'] as const) {
      const { logits, targets, ...outs } = arrays();
      const other = pool.softmax(new Float32Array(LONG).fill(1), 10);
      const call = outcome(pool.crossEntropyWithGrad(logits, targets, 10, outs));
      await new Promise((resolve) => setTimeout(resolve));
      transfer({ logits, targets, ...outs }[name]);
      expect(await call).toBe(`TypeError: crossEntropyWithGrad: expected ${name} ${LOST}`);
      expect((await other)[LONG - 1]).toBeCloseTo(0.1);
    }
    await expectSound();
  });

  it('small arrays beside large ones that the threads see', async () => {
    const logits = pool.alloc(LONG);
    const losses = new Float32Array(LONG / 10);
    const call = outcome(pool.crossEntropy(logits, pool.allocInt32(LONG / 10), 10, { losses }));
    transfer(losses);
    expect(await call).toBe(`TypeError: crossEntropy: expected losses ${LOST}`);
    pool.free(logits);
    await expectSound();
  });

  it('a signal that is none is a TypeError, and one that throws leaves nothing behind', async () => {
    const logits = pool.alloc(LONG);
    const nothing = () => undefined;
    for (const signal of [
      { throwIfAborted: nothing },
      { throwIfAborted: nothing, addEventListener: nothing },
      { throwIfAborted: nothing, addEventListener: 1, removeEventListener: nothing },
    ]) {
      expect(await outcome(pool.softmax(logits, 10, { signal: signal as never }))).toBe(
        'TypeError: softmax: expected signal to be an AbortSignal, got Object',
      );
    }
    for (const name of ['throwIfAborted', 'addEventListener', 'removeEventListener']) {
      const signal = { throwIfAborted: nothing, addEventListener: nothing, removeEventListener: nothing };
      Object.assign(signal, {
        [name]() {
          throw new Error(name);
        },
      });
      await expect(pool.softmax(logits, 10, { signal: signal as never })).rejects.toThrow(name);
    }
    await expectSound();
    pool.free(logits);
    await pool.close();
  });

  it("whatever a signal does, the arrays of its call stay the call's", async () => {
    const logits = pool.alloc(LONG);
    const said: string[] = [];
    const free = () => {
      try {
        pool.free(logits);
      } catch (error) {
        said.push(textOf(error));
      }
    };
    const signal = {
      get throwIfAborted() {
        free();
        return free;
      },
      addEventListener: free,
      removeEventListener: free,
    };
    await pool.softmax(logits, 10, { out: logits, signal: signal as never });
    expect(said.length).toBeGreaterThan(3);
    for (const text of said) expect(text).toContain('got one that a call in flight uses');
    pool.free(logits);
  });

  it('a getter of an option that frees an array', async () => {
    const logits = pool.alloc(1000);
    const options = {
      out: logits,
      get signal() {
        pool.free(logits);
        return undefined;
      },
    };
    const text = await outcome(pool.softmax(logits, 10, options));
    if (isolated) expect(text).toContain("live one of this engine's alloc");
    else expect(text).toBe('fulfilled');
  });

  it('what stands on Object.prototype is no option', async () => {
    for (const name of ['signal', 'onProgress', 'out'])
      Object.defineProperty(Object.prototype, name, { configurable: true, writable: true, value: 7 });
    try {
      expect((await pool.softmax(new Float32Array(10), 10, {}))[0]).toBeCloseTo(0.1);
    } finally {
      for (const name of ['signal', 'onProgress', 'out']) Reflect.deleteProperty(Object.prototype, name);
    }
  });
});

describe('memory that other threads see', () => {
  it('free sees a call on a view of a buffer from before the memory grew', async () => {
    const pool = await openThreads({ threads: 2, tier: 'simd' });
    const array = pool.alloc(LONG);
    const later = pool.alloc(30_000_000);
    expect(later.buffer).not.toBe(array.buffer);
    const view = new Float32Array(later.buffer, array.byteOffset, array.length);
    const call = pool.softmax(view, 10, { out: view });
    expect(() => pool.free(array)).toThrow('a call in flight uses');
    await call;
    // The same of an overlap.
    const out = new Float32Array(later.buffer, array.byteOffset + 40, array.length - 10);
    expect(await outcome(pool.softmax(array.subarray(0, LONG - 10), 10, { out }))).toContain('a partial overlap');
    await pool.close();
  });

  it.each(['simd', 'scalar'] as const)(
    'labels that change during calls are ignored rows at worst, %s',
    async (tier) => {
      const pool = await openThreads({ threads: 2, tier });
      for (const cols of [10, 100]) {
        const rows = 40_000;
        const [before, logits] = [pool.alloc(100_000), pool.alloc(rows * cols)];
        const labels = pool.allocInt32(rows);
        const [out, after] = [pool.alloc(rows * cols), pool.alloc(100_000)];
        before.fill(7);
        after.fill(7);
        const flipping = flip(labels, [cols - 1, 123_456_789, -5, 0, 5 * cols, 2 ** 31 - 1]);
        await flipping.begun;
        for (let i = 0; i < 30; i++) {
          // Checked first, so most calls are refused: it is those that pass that matter.
          await pool.crossEntropyWithGrad(logits, labels, cols, { out }).catch((error: unknown) => {
            expect(textOf(error)).toMatch(/^RangeError: crossEntropyWithGrad: expected targets\[/);
          });
        }
        await flipping.end();
        for (const other of [before, after]) expect(other.every((v) => v === 7)).toBe(true);
        expect(logits.every((v) => v === 0)).toBe(true);
        for (const array of [before, logits, labels, out, after]) pool.free(array);
      }
      await pool.close();
    },
  );
});

/** A thread that writes these values over a few elements of an array, again and again, and mostly the first. */
function flip(array: Int32Array, values: number[]): { begun: Promise<void>; end: () => Promise<unknown> } {
  const worker = new Worker(
    `const { workerData: { array, values }, parentPort } = require('node:worker_threads');
    array.fill(values[0]);
    parentPort.postMessage('begun');
    for (let i = 0; ; i++) {
      const at = (i * 7919) % array.length;
      Atomics.store(array, at, values[1 + (i % (values.length - 1))]);
      Atomics.store(array, at, values[0]);
    }`,
    { eval: true, workerData: { array, values } },
  );
  const begun = new Promise<void>((resolve) => worker.once('message', () => resolve()));
  return { begun, end: () => worker.terminate() };
}
