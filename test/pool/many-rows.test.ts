import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CrossEntropyOptions } from '../../src/index.js';
import type { Pool } from '../../src/pool/index.js';
import * as inputs from '../inputs.js';
import { tiers } from '../tiers.js';
import { bitsOf, openThreads } from './pool-calls.js';

// Losses over so many rows that threads also look at the labels and add the losses: the same bits, errors and order.

const COLS = 3;
const ROWS = 150_001;

describe.each(tiers)('a loss over many rows, $name', (tier) => {
  const engine = tier.engine();
  const logits = inputs.normal(ROWS * COLS, 0, 3, 7);
  const labels = Int32Array.from({ length: ROWS }, (_, r) => (r % 5 === 4 ? -100 : r % COLS));

  describe.each([1, 2, 7])('%i threads', (threads) => {
    let pool: Pool;
    beforeAll(async () => {
      pool = await openThreads({ threads, tier: tier.name });
    });
    afterAll(() => pool.close());

    /** What `use` makes of arrays in the pool's memory. */
    async function withShared<T>(
      targets: Int32Array,
      use: (x: Float32Array, t: Int32Array, out: Float32Array) => Promise<T>,
    ): Promise<T> {
      const [x, t, out] = [pool.alloc(logits.length), pool.allocInt32(ROWS), pool.alloc(logits.length)];
      x.set(logits);
      t.set(targets);
      out.fill(7);
      try {
        return await use(x, t, out);
      } finally {
        for (const array of [x, t, out]) pool.free(array);
      }
    }

    it.each<[string, CrossEntropyOptions]>([
      ['the mean', {}],
      ['the sum', { reduction: 'sum' }],
      ['an ignored class among the others', { ignoreIndex: 1, labelSmoothing: 0.1 }],
      ['weights, whose sum is of one order', { classWeights: Float32Array.of(0.1, 1, 0.7) }],
      ['weights of rows', { rowWeights: Float32Array.from({ length: ROWS }, (_, r) => (r % 7) / 3) }],
      ['blocks of rows side by side', { inner: ROWS }],
    ])('has the bits of one thread: %s', async (_, options) => {
      const targets = labels.map((label) => (label < 0 ? (options.ignoreIndex ?? label) : label));
      const want = engine.crossEntropyWithGrad(logits, targets, COLS, options);
      await withShared(targets, async (x, t, out) => {
        const losses = pool.alloc(ROWS);
        const got = await pool.crossEntropyWithGrad(x, t, COLS, { ...options, out });
        expect(got.loss).toBe(want.loss);
        expect(bitsOf(out).equals(bitsOf(want.dlogits))).toBe(true);
        expect(await pool.crossEntropy(x, t, COLS, { ...options, losses })).toBe(want.loss);
        pool.free(losses);
      });
    });

    it('names the first label that is none, and writes nothing', async () => {
      const wrong = labels.slice();
      wrong[140_000] = 9;
      wrong[120_000] = -1;
      for (const ignoreIndex of [-100, 2 ** 40]) {
        const targets = wrong.map((label) => (label === -100 && ignoreIndex > 0 ? 0 : label));
        await withShared(targets, async (x, t, out) => {
          await expect(pool.crossEntropyWithGrad(x, t, COLS, { out, ignoreIndex })).rejects.toThrow(
            `crossEntropyWithGrad: expected targets[120000] to be in [0, 3) or ignoreIndex ${ignoreIndex}, got -1`,
          );
          expect(out.every((value) => value === 7)).toBe(true);
        });
      }
    });

    it('names the row whose weight is infinite before a wrong label', async () => {
      const wrong = labels.slice();
      wrong[10] = 9;
      const rowWeights = pool.alloc(ROWS).fill(1);
      rowWeights[ROWS - 1] = Infinity;
      await withShared(wrong, async (x, t, out) => {
        await expect(pool.crossEntropyGrad(x, t, COLS, { out, rowWeights })).rejects.toThrow(
          `crossEntropyGrad: expected rowWeights[${ROWS - 1}] to be a finite number, got Infinity`,
        );
      });
      pool.free(rowWeights);
    });

    it('can be aborted at any moment, and the pool goes on', async () => {
      const want = engine.crossEntropy(logits, labels, COLS);
      await withShared(labels, async (x, t, out) => {
        for (let wait = 0; wait < 12; wait++) {
          const controller = new AbortController();
          const call = pool.crossEntropyWithGrad(x, t, COLS, { out, signal: controller.signal });
          const ended = call.then(
            ({ loss }) => loss,
            (error: unknown) => (error as Error).name,
          );
          for (let i = 0; i < wait; i++) await new Promise((resolve) => setImmediate(resolve));
          controller.abort();
          expect([want, 'AbortError']).toContain(await ended);
        }
        expect(await pool.crossEntropy(x, t, COLS)).toBe(want);
      });
    });
  });
});
