import { expect, it } from 'vitest';
import { createEngine } from '../../src/index.js';
import { everyTier } from '../every-tier.js';
import * as inputs from '../inputs.js';
import * as reference from './reference.js';

const ROW = inputs.normal(40, 0, 1.5, 9);
const DRAWS = 20_000;
/** DRAWS rows, all the same. */
const MANY = Float32Array.from({ length: 40 * DRAWS }, (_, i) => ROW[i % 40]);

/** Σ (seen − expected)² / expected over the columns that can come, and how many of those there are. */
function chiSquare(tokens: Int32Array, probs: number[]): { chi: number; cells: number } {
  const seen = new Array<number>(probs.length).fill(0);
  for (const token of tokens) seen[token]++;
  let chi = 0;
  let cells = 0;
  probs.forEach((p, j) => {
    if (p === 0) expect(seen[j]).toBe(0);
    else {
      chi += (seen[j] - p * tokens.length) ** 2 / (p * tokens.length);
      cells++;
    }
  });
  return { chi, cells };
}

everyTier('draws', (engine) => {
  it.each([{}, { temperature: 2 }, { topK: 7 }, { topP: 0.8 }, { minP: 0.1, topK: 20, topP: 0.9, temperature: 0.7 }])(
    'fall as often as the distribution says, %j',
    (options) => {
      const { probs } = reference.sample(ROW, 0.5, options);
      const { tokens } = engine.sample(MANY, 40, { ...options, seed: 11 });
      const { chi, cells } = chiSquare(tokens, probs);
      // Within 5 standard deviations of the mean of its degrees of freedom, of either side.
      const degrees = cells - 1;
      expect(Math.abs(chi - degrees)).toBeLessThan(5 * Math.sqrt(2 * degrees));
    },
  );

  it('without a seed are fresh', () => {
    const rows = MANY.subarray(0, 40 * 200);
    expect(engine.sample(rows, 40).tokens).not.toEqual(engine.sample(rows, 40).tokens);
  });

  it('are a function of seed, step and stream: the row beside it and its place are none of it', () => {
    const rows = inputs.normal(40 * 50, 0, 2, 3);
    const seeded = { seed: 2 ** 52 + 7, step: 5 };
    const { tokens } = engine.sample(rows, 40, seeded);
    expect(engine.sample(rows, 40, seeded).tokens).toEqual(tokens);
    expect(engine.sample(rows, 40, { ...seeded, step: 6 }).tokens).not.toEqual(tokens);
    expect(engine.sample(rows, 40, { ...seeded, seed: 8 }).tokens).not.toEqual(tokens);
    const last = engine.sample(rows.subarray(40 * 49), 40, { ...seeded, streams: Int32Array.of(49) });
    expect([...last.tokens]).toEqual([tokens[49]]);
  });

  it('give the same tokens on every tier', () => {
    const rows = inputs.normal(1000 * 30, 0, 3, 4);
    const options = { seed: 3, topP: 0.9, temperature: 0.8 };
    const scalar = createEngine({ tier: 'scalar' });
    expect(engine.sample(rows, 1000, options).tokens).toEqual(scalar.sample(rows, 1000, options).tokens);
  });

  it('take u from uniforms, to the edge', () => {
    const equal = new Float32Array(4);
    const draw = (u: number) => engine.sample(equal, 4, { uniforms: Float64Array.of(u) }).tokens[0];
    expect([0, 0.25 - 2 ** -54, 0.25, 0.5, 0.75, 1 - 2 ** -53].map(draw)).toEqual([0, 0, 1, 2, 3, 3]);
  });
});
