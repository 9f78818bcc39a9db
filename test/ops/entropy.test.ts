import { expect, it } from 'vitest';
import { everyTier } from '../every-tier.js';
import * as inputs from '../inputs.js';
import * as reference from '../reference.js';
import { expectSame, expectUlp } from '../ulp.js';

const COLUMNS = [2, 3, 10, 63, 64, 65, 1000, 1025];

everyTier('entropy', (engine) => {
  it('keeps the digits of an almost certain row', () => {
    // log1p(e^−20) + 20 e^−20 / (1 + e^−20), in decimal arithmetic
    const values = Float64Array.of(4.328422598411845e-8);
    expectUlp(engine.entropy(Float32Array.of(0, -20), 2), { values, flushed: values }, 6);
  });

  it.each([1, ...COLUMNS])('is exactly 0 for a certain row, %i columns', (cols) => {
    for (const rest of [-200, -3e38, -Infinity]) {
      for (const max of [0, 60, -1e4, 3e38]) {
        const logits = new Float32Array(cols).fill(max === 3e38 ? -3e38 : max + rest);
        logits[cols >> 1] = max;
        expect([...engine.entropy(logits, cols)], `${max} beside ${logits[0]}`).toEqual([0]);
      }
    }
  });

  it.each([...COLUMNS, inputs.BEYOND_TILE])('of n equal logits is log n, %i columns', (cols) => {
    const values = Float64Array.of(Math.log(cols));
    for (const logit of [0, 7, 1e4, -3e38]) {
      expectUlp(engine.entropy(new Float32Array(cols).fill(logit), cols), { values, flushed: values }, 6);
    }
  });

  it.each(COLUMNS)('leaves out a -Infinity beside finite logits, %i columns', (cols) => {
    const logits = inputs.masked(5, cols, 0.33, cols);
    const got = engine.entropy(logits, cols);
    for (let r = 0; r < 5; r++) {
      const kept = logits.subarray(r * cols, (r + 1) * cols).filter((x) => x !== -Infinity);
      if (kept.length > 0) expectUlp([got[r]], reference.entropy(kept, kept.length), 6);
      else expectSame([got[r]], [NaN], 1);
    }
  });
});
