import { expect } from 'vitest';
import type { Engine } from '../../src/index.js';
import * as inputs from '../inputs.js';
import { expectSame } from '../ulp.js';

/** Decisions of every kind, for places in which they must be the same. */

/** Narrow rows, a tile of them, rows of several tiles, and one with a memory of its own. */
const SHAPES = [
  [50, 10],
  [40, 1000],
  [3, 9000],
  [1, inputs.LONG_ROW],
] as const;

export type Decisions = Record<string, unknown>;

/** What every function makes of the rows, with the work in their options. */
export function calls(logits: Float32Array, cols: number): Record<string, (target: Engine) => unknown> {
  const rows = logits.length / cols;
  const history = Array.from({ length: rows }, (_, r) =>
    Uint16Array.from({ length: r + 3 }, (__, i) => (i * 7 + r) % cols),
  );
  const stages = { topK: cols >> 1, topP: 0.9, temperature: 0.7, history, repetitionPenalty: 1.2 };
  const k = Math.min(cols, 7);
  return {
    argmax: (target) => target.argmax(logits, cols),
    topK: (target) => target.topK(logits, cols, k),
    'topK, logProbs': (target) => target.topK(logits, cols, k, { values: 'logProbs', temperature: 3 }),
    sample: (target) => target.sample(logits, cols, { ...stages, seed: 4, logProbsOf: 'raw' }),
    'sample, filtered': (target) => target.sample(logits, cols, { minP: 0.01, seed: 4, logProbsOf: 'filtered' }),
    filterLogits: (target) => target.filterLogits(logits, cols, stages),
  };
}

export function allOf(target: Engine, logits: Float32Array, cols: number): Decisions {
  return Object.fromEntries(Object.entries(calls(logits, cols)).map(([name, call]) => [name, call(target)]));
}

export const drawn = SHAPES.map(([rows, cols]) => ({ rows, cols, logits: inputs.normal(rows * cols, 0, 3, cols) }));

/** Equal bits; toEqual takes seconds for long arrays. */
export function expectEqual(got: unknown, want: unknown): void {
  if (typeof want !== 'object' || want === null) expect(got).toBe(want);
  else if (ArrayBuffer.isView(want)) expectSame(got as Float32Array, want as Float32Array);
  else {
    expect(Object.keys(got as object)).toEqual(Object.keys(want));
    for (const [name, value] of Object.entries(want)) expectEqual((got as Record<string, unknown>)[name], value);
  }
}
