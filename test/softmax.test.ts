import { describe, expect, it } from 'vitest';
import { everyTier, named, once } from './every-tier.js';
import { EQUAL_BESIDE_LARGER, LOGIT_CASES } from './logit-cases.js';
import * as inputs from './inputs.js';
import * as reference from './reference.js';
import { expectUlp } from './ulp.js';

// CONTRACT section 3: 4 ULP on random rows and on equal rows beside one larger, 6 for every row.
const cases = LOGIT_CASES.map((c) => ({
  ...c,
  bound: c.random || EQUAL_BESIDE_LARGER.includes(c) ? 4 : 6,
  exact: once(() => reference.softmax(c.logits, c.cols, c.temperature)),
}));

everyTier('softmax', (engine) => {
  describe('accuracy', () => {
    it.each(named(cases))('%s', (_, { logits, cols, temperature, bound, exact }) => {
      const probs = engine.softmax(logits, cols, { temperature });
      expectUlp(probs, exact(), bound, cols);
      const [low, high] = extremes(probs);
      expect(low, 'smallest').toBeGreaterThanOrEqual(0);
      expect(high, 'largest').toBeLessThanOrEqual(1);
    });
  });

  it('keeps 4 ULP where x / T rounded to float32 would lose hundreds', () => {
    const logits = inputs.normal(64 * 200, 200, 3, 5);
    expectUlp(engine.softmax(logits, 64, { temperature: 0.7 }), reference.softmax(logits, 64, 0.7), 4, 64);
  });

  it.each([1, 2, 5, 10, 33, 64, 65, 130, 1000, inputs.BEYOND_TILE])(
    'equal logits get equal bits, %i columns',
    (cols) => {
      for (const temperature of [1, 0.7]) {
        const logits = inputs.tied(5 * cols, cols);
        const probs = engine.softmax(logits, cols, { temperature });
        for (let r = 0; r < 5; r++) {
          const seen = new Map<number, number>();
          for (let i = r * cols; i < (r + 1) * cols; i++) {
            const first = seen.get(logits[i]) ?? probs[i];
            seen.set(logits[i], first);
            if (!Object.is(probs[i], first)) expect.fail(`row ${r}: ${logits[i]} gets ${first} and ${probs[i]}`);
          }
        }
      }
    },
  );

  it('of one column is 1', () => {
    const logits = Float32Array.of(0, -0, 1e-45, -3.4e38, 3.4e38, 88, -104);
    const ones = new Float64Array(7).fill(1);
    expectUlp(engine.softmax(logits, 1), { values: ones, flushed: ones }, 4);
  });

  it.each([1, 2, 10, 63, 64, 100, 1000])('a certain row of %i columns has a probability of 1', (cols) => {
    const rows = 500;
    const max = inputs.uniform(rows, -80, 80, cols);
    for (const far of [-Infinity, -500]) {
      const logits = new Float32Array(rows * cols).fill(far);
      max.forEach((x, r) => (logits[r * cols + (r % cols)] = x));
      const probs = engine.softmax(logits, cols);
      const want = probs.map((_, i) => (i % cols === Math.floor(i / cols) % cols ? 1 : 0));
      expectUlp(probs, { values: Float64Array.from(want), flushed: Float64Array.from(want) }, 0, cols);
    }
  });

  it('of equal logits is 1 / cols', () => {
    for (const cols of [2, 3, 4, 7, 10, 64, 100, 1000]) {
      const values = new Float64Array(cols).fill(1 / cols);
      expectUlp(engine.softmax(new Float32Array(cols).fill(-12.25), cols), { values, flushed: values }, 4, cols);
    }
  });
});

/** Smallest and largest, without spreading a long array into arguments; NaN is both. */
function extremes(values: Float32Array): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const v of values) {
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  return [low, high];
}
