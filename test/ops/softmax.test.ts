import { expect, it } from 'vitest';
import { everyTier } from '../every-tier.js';
import * as inputs from '../inputs.js';
import * as reference from '../reference.js';
import { expectUlp } from '../ulp.js';

everyTier('softmax', (engine) => {
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
