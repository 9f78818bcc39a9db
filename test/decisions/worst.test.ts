import { describe, expect, it } from 'vitest';
import { Records } from '../../src/decide/records.js';
import * as inputs from '../inputs.js';
import { expectSame } from '../ulp.js';
import { type Parameters, RawDecide } from './raw.js';

// The raw kernels on their worst rows: what they do is bounded, and nothing but their outputs changes.

const COLS = 128_256;
const NEAR = (v: number, j: number) => v + j * 1e-9;

const ROWS: [string, Float32Array<ArrayBuffer>][] = [
  ['N(0, 3²)', inputs.normal(COLS, 0, 3, 1)],
  ['ascending', Float32Array.from({ length: COLS }, (_, j) => j / COLS)],
  ['descending', Float32Array.from({ length: COLS }, (_, j) => -j / COLS)],
  ['all equal', new Float32Array(COLS).fill(1)],
  ['two values', Float32Array.from({ length: COLS }, (_, j) => j % 2)],
  ['one large, the rest equal', Float32Array.from({ length: COLS }, (_, j) => (j === 77 ? 20 : 0))],
  ['a step from bin to bin', Float32Array.from({ length: COLS }, (_, j) => Math.floor(j / 64) / 64)],
  ['neighbours', Float32Array.from({ length: COLS }, (_, j) => NEAR(1, j))],
  ['half masked', inputs.masked(1, COLS, 0.5, 2)],
];

/** At most so many times what the largest of the row takes: what is quadratic in a row of this length takes thousands. */
const MOST = 400;

const STAGES: Parameters[] = [
  { topK: 40 },
  { topK: 512 },
  { topK: 5000 },
  { minP: 0.05 },
  { topP: 0.95 },
  { temperature: 10, topP: 0.95 },
  {},
];

const raw = new RawDecide();
const records = new Records(1, 0);
records.setUniform(0, 0.5);

function least(compute: () => void): number {
  let best = Infinity;
  for (let i = 0; i < 4; i++) {
    const from = performance.now();
    compute();
    best = Math.min(best, performance.now() - from);
  }
  return best;
}

describe('the kernels of decisions', () => {
  it.each(STAGES)('%j never takes much longer than a look at the row', (stages) => {
    // Compiled well before it is timed.
    for (let i = 0; i < 20; i++) raw.sample(ROWS[0]![1], COLS, records, stages);
    for (const [name, row] of ROWS) {
      const look = least(() => raw.argmax(row, COLS));
      const took = least(() => raw.sample(row, COLS, records, stages));
      expect(took / look, name).toBeLessThan(MOST);
    }
  });

  it.each(STAGES)('%j leaves the row as it was', (stages) => {
    for (const [name, row] of ROWS) expect(raw.sample(row, COLS, records, stages).isUnchanged(), name).toBe(true);
  });

  it('filterLogits may write over its row', () => {
    for (const [, row] of ROWS) {
      for (const stages of STAGES) {
        const apart = raw.filterLogits(row, COLS, null, stages);
        // Not by toEqual, which takes half a minute for these.
        expectSame(raw.filterLogits(row, COLS, null, stages, true), apart);
      }
    }
  });

  it('topK is in order, and of the largest', () => {
    for (const [name, row] of ROWS) {
      for (const k of [40, 3000]) {
        const { values, indices } = raw.topK(row, COLS, k);
        const sorted = [...row].sort((a, b) => b - a).slice(0, k);
        expect([...values], name).toEqual(sorted);
        expect(new Set(indices).size).toBe(k);
        for (let i = 1; i < k; i++) {
          expect(values[i] < values[i - 1] || indices[i] > indices[i - 1], `${name} ${i}`).toBe(true);
        }
      }
    }
  });
});
