import { expect, it } from 'vitest';
import { everyTier } from '../every-tier.js';
import * as inputs from '../inputs.js';
import * as reference from '../reference.js';
import { expectUlp } from '../ulp.js';

everyTier('logSoftmax', (engine) => {
  it('keeps the digits of a result near 0', () => {
    // −log1p(e^−20) = −2.06115362031438…e-9, the figure of CONTRACT section 3 rounded to float32
    const [certain, other] = engine.logSoftmax(Float32Array.of(0, -20), 2);
    expectUlp(
      [certain],
      { values: Float64Array.of(-2.061153620314381e-9), flushed: Float64Array.of(-2.061153620314381e-9) },
      4,
    );
    expect(other).toBe(-20);
  });

  it.each([2, 3, 10, 64, 65, 1000])('the certain element of %i columns, gaps 0 to 80', (cols) => {
    const gaps = Array.from({ length: 81 }, (_, i) => i);
    const logits = new Float32Array(81 * cols).fill(-3.3);
    gaps.forEach((gap) => (logits[gap * cols + (gap % cols)] = -3.3 + gap));
    expectUlp(engine.logSoftmax(logits, cols), reference.logSoftmax(logits, cols), 4, cols);
  });

  it('of one column is exactly 0', () => {
    const logProbs = engine.logSoftmax(Float32Array.of(0, -1, 3.4e38, 88), 1);
    expect(logProbs.every((l) => l === 0)).toBe(true);
  });

  it('has the exponentials sum to 1', () => {
    const cols = 1000;
    const logProbs = engine.logSoftmax(inputs.normal(cols, 0, 4, 3), cols);
    const total = reference.sum(Array.from(logProbs, Math.exp));
    expect(Math.abs(total - 1)).toBeLessThan(1e-6);
  });
});
