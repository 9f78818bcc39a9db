import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/index.js';
import { everyTier, once } from '../every-tier.js';
import * as inputs from '../inputs.js';
import { expectSame } from '../ulp.js';
import * as reference from './reference.js';
import { hardRows, unfitRows } from './rows.js';

// Section 7 of the contract on every tier, against its oracle.

/** Both sides of a block, of what is a candidate as a whole, of a tile; and rows for the passes over long ones. */
const COLUMNS = [1, 2, 5, 63, 64, 65, 1000, 1984, 2049, 9000];
/** A sum this close to its goal may fall on either side. */
const CLOSE = 1e-9;

const STAGES: reference.SamplingOptions[] = [
  {},
  { temperature: 0 },
  { topK: 1 },
  { topK: 40 },
  { topK: 700 },
  { topP: 0.95 },
  { topP: 0.3 },
  { topP: 1e-9 },
  { minP: 0.05 },
  { minP: 1 },
  { temperature: 0.8, topK: 40, topP: 0.9, minP: 0.02 },
  { temperature: 10, topP: 0.95 },
  { temperature: 2 ** -16, topP: 0.9 },
  { temperature: 2 ** 16, topK: 3000, topP: 0.5 },
];

/** What the oracle keeps: every tier is measured against one run of it. */
const known = new WeakMap<Float32Array, Map<string, reference.Filtered>>();

function filtered(row: Float32Array, options: reference.SamplingOptions): reference.Filtered {
  if (!known.has(row)) known.set(row, new Map());
  const ofRow = known.get(row)!;
  const key = JSON.stringify(options);
  if (!ofRow.has(key)) ofRow.set(key, reference.filterLogits(row, options));
  return ofRow.get(key)!;
}

function expectFiltered(engine: Engine, row: Float32Array, options: reference.SamplingOptions, what: string): void {
  const wanted = filtered(row, options);
  const got = engine.filterLogits(row, row.length, options as object);
  if (wanted.margin < CLOSE) return;
  const close = wanted.logits.findIndex((v, j) => !Object.is(got[j] + 0, Math.fround(v) + 0));
  if (close >= 0) expect.fail(`${what}, column ${close}: got ${got[close]}, want ${wanted.logits[close]}`);
}

function expectSampled(
  engine: Engine,
  row: Float32Array,
  u: number,
  options: reference.SamplingOptions,
  what: string,
): void {
  const uniforms = Float64Array.of(u);
  const wanted = reference.sample(row, u, options, undefined, filtered(row, options));
  if (wanted.margin < CLOSE) return;
  for (const logProbsOf of ['raw', 'filtered'] as const) {
    const { tokens, logProbs } = engine.sample(row, row.length, { ...(options as object), uniforms, logProbsOf });
    expect(tokens[0], what).toBe(wanted.token);
    if (wanted.token < 0) expect(logProbs[0], what).toBe(NaN);
    else if (logProbsOf === 'raw') expectSame(logProbs, [engine.logSoftmax(row, row.length)[wanted.token]]);
    else {
      const bound = 4 * 2 ** -24 * Math.max(Math.abs(wanted.filtered), 2 ** -126);
      expect(
        Math.abs(logProbs[0] - wanted.filtered),
        `${what}: ${logProbs[0]}, ${wanted.filtered}`,
      ).toBeLessThanOrEqual(bound);
    }
  }
}

const CASES = COLUMNS.map((cols) => ({ cols, all: [...hardRows(cols), ...unfitRows(cols)], past: pastOf(cols) }));

/** A bias, a history and a prompt. */
function pastOf(cols: number) {
  const next = inputs.random(cols);
  const ids = () => Int32Array.from({ length: Math.min(cols, 300) }, () => Math.floor(next() * cols));
  const bias = { ids: ids(), values: inputs.uniform(Math.min(cols, 300), -3, 3, cols) };
  bias.values[0] = -Infinity;
  return {
    ...{ bias, history: ids(), prompt: ids() },
    ...{ repetitionPenalty: 1.3, frequencyPenalty: 0.4, presencePenalty: -0.7 },
  };
}

const LONG = [33_000, inputs.LONG_ROW].flatMap((cols) =>
  [0.01, 3].map((sigma) => {
    const row = inputs.normal(cols, 0, sigma, 5);
    return { cols, sigma, row, sorted: once(() => reference.topK(row, cols)) };
  }),
);

everyTier('decisions', (engine) => {
  describe.each(CASES)('$cols columns', ({ cols, all, past }) => {
    it('argmax is the first of the largest, -1 beside a NaN', () => {
      for (const [name, row] of all) {
        const want = row.includes(Infinity) ? row.indexOf(Infinity) : reference.argmax(row);
        expect([...engine.argmax(row, cols)], name).toEqual([want]);
      }
    });

    it.each([1, 2, 5, 40, 512, 513, cols >> 1, cols])(
      'topK %i has the columns in order, and the bits of the row',
      (k) => {
        if (k < 1 || k > cols) return;
        for (const [name, row] of all) {
          const want = reference.topK(row, k);
          const whole = {
            logits: row,
            probs: engine.softmax(row, cols, { temperature: 0.7 }),
            logProbs: engine.logSoftmax(row, cols, { temperature: 0.7 }),
          };
          for (const values of ['logits', 'probs', 'logProbs'] as const) {
            const got = engine.topK(row, cols, k, { values, temperature: 0.7 });
            expect([...got.indices], name).toEqual(want);
            expectSame(
              got.values,
              Float32Array.from(want, (j) => (j < 0 ? NaN : whole[values][j])),
            );
          }
        }
      },
    );

    it.each(STAGES)('filterLogits keeps what %j keeps', (options) => {
      for (const [name, row] of all) expectFiltered(engine, row, options, name);
    });

    it.each(STAGES)('sample draws what %j leaves', (options) => {
      for (const [name, row] of all) {
        for (const u of [0, 0.37, 1 - 2 ** -53]) expectSampled(engine, row, u, options, `${name}, u = ${u}`);
      }
    });

    it('bias and penalties touch what they name, in float64', () => {
      for (const stages of STAGES) {
        for (const [name, row] of all) {
          expectFiltered(engine, row, { ...past, ...stages }, name);
          expectSampled(engine, row, 0.6, { ...past, ...stages }, name);
        }
      }
    });
  });

  it.each(LONG)('the same in a row of $cols columns, sigma $sigma', ({ cols, sigma, row, sorted: sort }) => {
    const sorted = sort();
    expect([...engine.argmax(row, cols)]).toEqual([sorted[0]]);
    for (const k of [40, 5000]) expect([...engine.topK(row, cols, k).indices]).toEqual(sorted.slice(0, k));
    const history = Int32Array.from({ length: 5000 }, (_, i) => sorted[i * 3]);
    for (const options of [{}, { topK: 5000 }, { topP: 0.95 }, { topP: 0.9, history, frequencyPenalty: 0.5 }]) {
      expectFiltered(engine, row, options, `sigma ${sigma}`);
      expectSampled(engine, row, 0.7, options, `sigma ${sigma}`);
    }
  });
});
