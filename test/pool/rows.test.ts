import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Pool } from '../../src/pool/index.js';
import { callOn, type Operand, returned } from '../calls.js';
import * as inputs from '../inputs.js';
import { expectedOf, expectWrittenOut } from '../rows/compare.js';
import { LAID_OPS, type Laid } from '../rows/case.js';
import { laidCalls } from '../rows/specs.js';
import { tiers } from '../tiers.js';
import { expectSame } from '../ulp.js';
import { openThreads, POOL_OPS } from './pool-calls.js';

// CONTRACT section 6 over threads: rows as they are have the bits of the same rows written out, wherever they are computed.

const WAYS = [
  { way: 'shared memory', isolated: true, workerUrl: undefined },
  { way: 'messages', isolated: false, workerUrl: undefined },
  { way: 'the calling thread', isolated: true, workerUrl: 'file:///nothing/worker.js' },
];
const OPS = LAID_OPS.filter((op) => POOL_OPS.includes(op));

describe.each(tiers)('rows as they are in a pool, $name', (tier) => {
  const engine = tier.engine();

  describe.each(WAYS)('$way', ({ isolated, workerUrl }) => {
    let pool: Pool;
    beforeAll(async () => {
      vi.stubGlobal('crossOriginIsolated', isolated);
      pool = await openThreads({ threads: 2, tier: tier.name, workerUrl });
      vi.unstubAllGlobals();
    });
    afterAll(() => pool.close());

    it('is what it says it is', () => {
      expect([engine.tier, pool.tier]).toEqual([tier.name, tier.name]);
      expect(pool.reason === null).toBe(isolated && workerUrl === undefined);
    });

    it('of a block larger than a part of a call', async () => {
      const [cols, inner] = [21, 2000];
      const x = inputs.normal(2 * cols * inner, 0, 3, 5);
      const starts = Int32Array.from({ length: 2 * inner }, (_, r) => r % 20);
      for (const options of [{ inner }, { inner, starts }]) {
        const want = engine.softmax(x, cols, options);
        expectSame(await pool.softmax(x.slice(), cols, options), want, cols);
        const shared = pool.alloc(x.length);
        shared.set(x);
        expectSame(await pool.softmax(shared, cols, { ...options, out: shared }), want, cols);
        pool.free(shared);
      }
    });

    it('of limits that repeat, more rows than a part has', async () => {
      const [cols, period] = [60, 43];
      const x = inputs.normal(14 * period * cols, 0, 3, 5);
      const ends = Int32Array.from({ length: period }, (_, r) => 1 + r);
      const mask = Uint8Array.from({ length: period * cols }, (_, i) => (i * 7) % 3);
      for (const options of [{ ends }, { mask }]) {
        expectSame(await pool.softmax(x.slice(), cols, options), engine.softmax(x, cols, options), cols);
      }
    });

    it.each(OPS.map((op) => [op.name, op] as const))('%s', async (_, op) => {
      await fc.assert(
        fc.asyncProperty(
          laidCalls(op),
          fc.constantFrom('ordinary', 'alloc', 'half alloc'),
          async ({ laid, half }, place) => {
            const want = expectedOf(engine, laid);
            const { call, held } = place === 'ordinary' ? { call: laid.call, held: [] } : inPool(pool, laid, place);
            const none = op.options.includes('reduction') ? { reduction: 'none' } : {};
            const sides = op.outputs.filter(({ side }) => side).map(({ name }) => [name, new Float32Array(laid.rows)]);
            const given = Object.fromEntries(sides) as Record<string, Operand>;
            const result: unknown = await callOn(pool, call, { ...none, ...given });
            expectWrittenOut(laid, { ...given, ...(returned(op, result) as Record<string, Operand>) }, want, half);
            for (const block of held) pool.free(block);
          },
        ),
        { numRuns: 25, seed: 11 },
      );
    });
  });
});

/** The call on arrays of the pool's memory: all, or its logits alone. */
function inPool(pool: Pool, { call }: Laid, place: string): { call: Laid['call']; held: Float32Array[] } {
  const held: Float32Array[] = [];
  const move = (array: Operand): Operand => {
    const block = pool.alloc(Math.ceil(array.byteLength / 4));
    held.push(block);
    const Class = array.constructor as new (buffer: ArrayBufferLike, byteOffset: number, length: number) => Operand;
    const view = new Class(block.buffer, block.byteOffset, array.length);
    view.set(array);
    return view;
  };
  const arrays = call.arrays.map((array, i) => (i === 0 || place === 'alloc' ? move(array) : array));
  const moved = Object.entries(call.options).map(([name, value]) => [
    name,
    place === 'alloc' && ArrayBuffer.isView(value) ? move(value as Operand) : value,
  ]);
  return { call: { ...call, arrays, options: Object.fromEntries(moved) as Laid['call']['options'] }, held };
}
