import { describe, expect, it } from 'vitest';
import { everyTier, named, once } from './every-tier.js';
import * as inputs from './inputs.js';
import { BEYOND_TILE, COLUMNS, rowsFor, STREAMED } from './inputs.js';
import * as reference from './reference.js';
import { expectUlp } from './ulp.js';

function rounded(logits: Float32Array, cols: number): Float32Array {
  return Float32Array.from(reference.logSoftmax(logits, cols).values);
}

const cases = [...COLUMNS, BEYOND_TILE, STREAMED].flatMap((cols) => {
  const rows = rowsFor(cols);
  const length = rows * cols;
  const logProbs = rounded(inputs.normal(length, 0, 4, cols), cols);
  const list = [
    { name: 'N(0, 1) vectors', logProbs, vector: inputs.normal(length, 0, 1, cols + 1) },
    { name: 'N(1000, 1) vectors', logProbs, vector: inputs.normal(length, 1000, 1, cols + 2) },
    { name: 'equal vectors', logProbs, vector: new Float32Array(length).fill(0.1) },
    {
      name: 'near certain rows',
      logProbs: rounded(inputs.nearCertain(rows, cols, 5, 30, cols).logits, cols),
      vector: inputs.normal(length, 0, 1, cols + 3),
    },
    {
      name: 'masked rows',
      logProbs: rounded(inputs.masked(rows, cols, 0.4, cols), cols),
      vector: inputs.uniform(length, -5, 5, cols + 4),
    },
  ];
  return list.map((c) => ({
    ...c,
    cols,
    exactJvp: once(() => reference.logSoftmaxJvp(c.logProbs, c.vector, cols)),
    exactVjp: once(() => reference.logSoftmaxVjp(c.logProbs, c.vector, cols)),
  }));
});

everyTier('logSoftmaxJvp and logSoftmaxVjp', (engine) => {
  describe('accuracy', () => {
    // CONTRACT section 3: 6 ULP of |u_i| + Σ a_k |u_k|, and of |g_i| + a_i Σ |g_k|.
    it.each(named(cases))('%s', (_, { logProbs, vector, cols, exactJvp, exactVjp }) => {
      expectUlp(engine.logSoftmaxJvp(logProbs, vector, cols), exactJvp(), 6, cols);
      expectUlp(engine.logSoftmaxVjp(logProbs, vector, cols), exactVjp(), 6, cols);
    });
  });

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
});
