import { describe, it } from 'vitest';
import { everyTier, named, once } from './every-tier.js';
import * as inputs from './inputs.js';
import { COLUMNS } from './inputs.js';
import * as reference from './reference.js';
import { expectUlp } from './ulp.js';

const cases = COLUMNS.flatMap((cols) => {
  const rows = cols <= 33 ? 9 : cols <= 129 ? 3 : 1;
  const list = [
    {
      name: 'softmax of N(0, 4²)',
      probs: Float32Array.from(reference.softmax(inputs.normal(rows * cols, 0, 4, cols), cols).values),
    },
    { name: 'rows of both signs', probs: inputs.uniform(rows * cols, -2, 2, cols) },
  ];
  return list.map((c) => ({ ...c, cols, exact: once(() => reference.softmaxJacobian(c.probs, cols)) }));
});

everyTier('softmaxJacobian', (engine) => {
  describe('accuracy', () => {
    // CONTRACT section 3: 6 ULP of |a_i| δ_ij + |a_i a_j|.
    it.each(named(cases))('%s', (_, { probs, cols, exact }) => {
      expectUlp(engine.softmaxJacobian(probs, cols), exact(), 6, cols);
    });
  });
});
