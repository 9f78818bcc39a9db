import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPool } from '../src/pool/pool.js';
import type { Pool } from '../src/pool/index.js';
import * as inputs from './inputs.js';
import { tiers } from './tiers.js';

/** Everything goes over the threads, however small. */
const NOTHING = { shared: 0, copied: 0 };

describe.each(tiers)('pool, $name', (tier) => {
  const engine = tier.engine();
  let pool: Pool;
  beforeAll(async () => {
    pool = await openPool({ threads: 2, tier: tier.name }, NOTHING);
  });
  afterAll(() => pool.close());

  it('runs on the tier it names, on two threads', () => {
    expect([engine.tier, pool.tier, pool.threads, pool.reason]).toEqual([tier.name, tier.name, 2, null]);
  });

  it.each([
    [1, 1],
    [7, 3],
    [1000, 10],
    [33, 1000],
    [3, 70000],
  ])('softmax and cross-entropy have the bits of the synchronous call, %i × %i', async (rows, cols) => {
    const logits = inputs.normal(rows * cols, 0, 4, cols);
    const labels = inputs.classIndices(rows, cols, cols);
    const shared = pool.alloc(rows * cols);
    shared.set(logits);
    const probs = engine.softmax(logits, cols);
    expect(await pool.softmax(logits, cols)).toEqual(probs);
    expect(await pool.softmax(shared, cols)).toEqual(probs);
    const both = engine.crossEntropyWithGrad(logits, labels, cols);
    expect(await pool.crossEntropyWithGrad(logits, labels, cols)).toEqual(both);
    expect(await pool.crossEntropyWithGrad(shared, labels, cols)).toEqual(both);
    pool.free(shared);
  });
});
