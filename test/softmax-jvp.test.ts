import { describe, it } from 'vitest';
import { everyTier, named, once } from './every-tier.js';
import * as inputs from './inputs.js';
import { BEYOND_TILE, COLUMNS, rowsFor, STREAMED } from './inputs.js';
import * as reference from './reference.js';
import { expectSame, expectUlp } from './ulp.js';

function rounded(logits: Float32Array, cols: number): Float32Array {
  return Float32Array.from(reference.softmax(logits, cols).values);
}

const cases = [...COLUMNS, BEYOND_TILE, STREAMED].flatMap((cols) => {
  const length = rowsFor(cols) * cols;
  const probs = rounded(inputs.normal(length, 0, 4, cols), cols);
  const certain = rounded(inputs.nearCertain(rowsFor(cols), cols, 5, 30, cols).logits, cols);
  const list = [
    { name: 'N(0, 1) tangents', probs, tangent: inputs.normal(length, 0, 1, cols + 1) },
    { name: 'N(1000, 1) tangents', probs, tangent: inputs.normal(length, 1000, 1, cols + 2) },
    { name: 'equal tangents', probs, tangent: new Float32Array(length).fill(0.1) },
    { name: 'near certain rows', probs: certain, tangent: inputs.normal(length, 0, 1, cols + 3) },
    {
      name: 'rows of both signs that do not sum to 1',
      probs: inputs.uniform(length, -2, 2, cols + 4),
      tangent: inputs.uniform(length, -1e3, 1e3, cols + 5),
    },
  ];
  return list.map((c) => ({
    ...c,
    cols,
    exact: once(() => reference.softmaxJvp(c.probs, c.tangent, cols)),
  }));
});

everyTier('softmaxJvp and softmaxVjp', (engine) => {
  describe('accuracy', () => {
    // CONTRACT section 3: 6 ULP of |a_i| (|u_i| + Σ |a_k u_k|).
    it.each(named(cases))('%s', (_, { probs, tangent, cols, exact }) => {
      const jvp = engine.softmaxJvp(probs, tangent, cols);
      expectUlp(jvp, exact(), 6, cols);
      expectSame(engine.softmaxVjp(probs, tangent, cols), jvp, cols);
    });
  });
});
