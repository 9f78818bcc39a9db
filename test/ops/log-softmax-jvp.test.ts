import { expect, it } from 'vitest';
import { everyTier } from '../every-tier.js';
import * as inputs from '../inputs.js';
import * as reference from '../reference.js';
import { expectUlp } from '../ulp.js';

everyTier('logSoftmaxJvp and logSoftmaxVjp', (engine) => {
  it.each([2, 9, 64, 65, 300])('logProbs above 0 grow and do not wrap, %i columns', (cols) => {
    // e^88.7 is the largest power of e below 2^128; what overflows is infinite
    const logProbs = inputs.uniform(4 * cols, -5, 0, cols);
    [10, 80, 88.2, 88.7].forEach((l, r) => (logProbs[r * cols + ((r + cols - 1) % cols)] = l));
    const vector = inputs.uniform(4 * cols, 0.1, 0.5, cols + 1);
    expectUlp(engine.logSoftmaxJvp(logProbs, vector, cols), reference.logSoftmaxJvp(logProbs, vector, cols), 6, cols);
    expectUlp(engine.logSoftmaxVjp(logProbs, vector, cols), reference.logSoftmaxVjp(logProbs, vector, cols), 6, cols);
    for (const large of [90, 120, 300, 3e38]) {
      const row = new Float32Array(cols).fill(-1);
      row[cols - 1] = large;
      expect(engine.logSoftmaxJvp(row, new Float32Array(cols).fill(1), cols)[0], `e^${large}`).toBe(-Infinity);
      expect(engine.logSoftmaxVjp(row, new Float32Array(cols).fill(1), cols)[cols - 1], `e^${large}`).toBe(-Infinity);
    }
  });

  it.each([2, 3, 4, 7, 10, 33, 64, 65, 100, 257, 1000])('masked columns count as zeros, %i columns', (cols) => {
    const logits = inputs.masked(5, cols, 0.5, cols);
    const logProbs = engine.logSoftmax(logits, cols);
    const vector = inputs.uniform(5 * cols, -1, 1, cols);
    expectUlp(engine.logSoftmaxJvp(logProbs, vector, cols), reference.logSoftmaxJvp(logProbs, vector, cols), 6, cols);
    const vjp = engine.logSoftmaxVjp(logProbs, vector, cols);
    for (let i = 0; i < vjp.length; i++) {
      if (logProbs[i] === -Infinity && vjp[i] !== vector[i]) expect.fail(`element ${i}: ${vjp[i]}, not ${vector[i]}`);
    }
  });
});
