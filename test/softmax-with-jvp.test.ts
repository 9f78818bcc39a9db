import { describe, it } from 'vitest';
import { everyTier, named, once } from './every-tier.js';
import * as inputs from './inputs.js';
import { BEYOND_TILE, COLUMNS, rowsFor, STREAMED, TEMPERATURES } from './inputs.js';
import * as reference from './reference.js';
import { expectUlp } from './ulp.js';

interface Case {
  name: string;
  logits: Float32Array;
  tangent: Float32Array;
  cols: number;
  temperature: number;
}

const list: Case[] = [
  ...[...COLUMNS, BEYOND_TILE, STREAMED].flatMap((cols) => {
    const length = rowsFor(cols) * cols;
    const tangent = inputs.normal(length, 0, 1, cols + 1);
    return [
      { name: 'N(0, 4²)', logits: inputs.normal(length, 0, 4, cols), tangent, cols, temperature: 1 },
      { name: 'N(200, 3²)', logits: inputs.normal(length, 200, 3, cols), tangent, cols, temperature: 1 },
      { name: 'masked', logits: inputs.masked(rowsFor(cols), cols, 0.3, cols), tangent, cols, temperature: 1 },
      {
        name: 'N(500, 3²), N(1000, 1) tangents',
        logits: inputs.normal(length, 500, 3, cols),
        tangent: inputs.normal(length, 1000, 1, cols),
        cols,
        temperature: 1,
      },
    ];
  }),
  ...TEMPERATURES.flatMap((temperature) =>
    [2, 10, 65, 1000].map((cols) => ({
      name: `N(0, (4T)²), T = ${temperature}`,
      logits: inputs.normal(rowsFor(cols) * cols, 0, 4 * temperature, cols),
      tangent: inputs.normal(rowsFor(cols) * cols, 0, 1, cols + 1),
      cols,
      temperature,
    })),
  ),
];

const cases = list.map((c) => ({
  ...c,
  exact: once(() => reference.softmaxWithJvp(c.logits, c.tangent, c.cols, c.temperature)),
}));

everyTier('softmaxWithJvp', (engine) => {
  describe('accuracy', () => {
    // CONTRACT section 3: softmax 4 ULP on random rows, the JVP 6 ULP of |a_i| (|u_i| + Σ |a_k u_k|) / T.
    it.each(named(cases))('%s', (_, { logits, tangent, cols, temperature, exact }) => {
      const { probs, jvp } = engine.softmaxWithJvp(logits, tangent, cols, { temperature });
      expectUlp(probs, exact().probs, 4, cols);
      expectUlp(jvp, exact().jvp, 6, cols);
    });
  });
});
