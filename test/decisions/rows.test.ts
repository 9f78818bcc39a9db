import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/index.js';
import type { Op } from '../calls.js';
import { openPool } from '../../src/pool/pool.js';
import type { Laid } from '../rows/case.js';
import { laidCalls } from '../rows/specs.js';
import { tiers } from '../tiers.js';
import * as reference from './reference.js';

// Section 6 for decisions: those of rows as they are, are those of the same rows written out; what takes no part is never named.

const OP: Op = {
  name: 'filterLogits',
  inputs: [{ name: 'logits', holds: 'logits' }],
  options: ['out', 'inner', 'starts', 'ends', 'mask', 'dtype'],
  outputs: [],
  ways: [{ title: '' }],
};
const STAGES = { temperature: 0.7, topK: 9, topP: 0.9, minP: 0.001 };

type Result<T> = T | Promise<T>;
type Target = Record<'argmax' | 'topK' | 'sample' | 'filterLogits', (...args: unknown[]) => Result<unknown>>;

function allOf(target: Target, logits: unknown, cols: number, options: object): Record<string, Result<unknown>> {
  const k = Math.min(cols, 5);
  const ids = Int32Array.of(0, cols - 1, 0);
  const past = { history: ids, frequencyPenalty: 0.4, repetitionPenalty: 1.3 };
  return {
    argmax: target.argmax(logits, cols, options),
    probs: target.topK(logits, cols, k, options),
    logits: target.topK(logits, cols, k, { ...options, values: 'logits' }),
    sample: target.sample(logits, cols, { ...options, ...STAGES, ...past, seed: 8, logProbsOf: 'raw' }),
    filtered: target.sample(logits, cols, { ...options, ...STAGES, seed: 8, logProbsOf: 'filtered' }),
    filterLogits: target.filterLogits(logits, cols, { ...options, ...STAGES, ...past }),
  };
}

interface Decided {
  argmax: Int32Array;
  probs: { values: Float32Array; indices: Int32Array };
  logits: { values: Float32Array; indices: Int32Array };
  sample: { tokens: Int32Array; logProbs: Float32Array };
  filtered: { tokens: Int32Array; logProbs: Float32Array };
  filterLogits: Float32Array;
}

function expectWrittenOut(laid: Laid, got: Decided, want: Decided): void {
  const { rows, cols, written } = laid;
  expect(got.sample).toEqual(want.sample);
  expect(got.filtered).toEqual(want.filtered);
  const k = Math.min(cols, 5);
  for (let r = 0; r < rows; r++) {
    const row = written.arrays[0].subarray(r * cols, (r + 1) * cols);
    const takesPart = (c: number) => laid.takesPart(r, c);
    expect(got.argmax[r]).toBe(reference.argmax(row, takesPart));
    const indices = reference.topK(row, k, takesPart);
    const isNaNRow = want.probs.indices[r * k] === -1;
    for (let i = 0; i < k; i++) {
      const at = r * k + i;
      expect(got.probs.indices[at]).toBe(indices[i]);
      expect(got.logits.indices[at]).toBe(indices[i]);
      const isNone = indices[i] < 0 && !isNaNRow;
      expect(got.probs.values[at]).toBe(isNone ? 0 : want.probs.values[at]);
      expect(got.logits.values[at]).toBe(isNone ? -Infinity : want.logits.values[at]);
    }
    for (let c = 0; c < cols; c++) expect(got.filterLogits[laid.at(r, c)]).toBe(want.filterLogits[r * cols + c]);
  }
}

describe.each(tiers)('decisions on rows as they are, $name', ({ name, engine: open }) => {
  const engine = open() as Engine;

  it('are those of the rows written out', () => {
    expect(engine.tier).toBe(name);
    fc.assert(
      fc.property(laidCalls(OP), ({ laid }) => {
        const { call, written, cols } = laid;
        const got = allOf(engine as unknown as Target, call.arrays[0], cols, call.options);
        const want = allOf(engine as unknown as Target, written.arrays[0], cols, {});
        expectWrittenOut(laid, got as unknown as Decided, want as unknown as Decided);
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  it('and so on two threads', async () => {
    const pool = await openPool({ threads: 2, tier: name, ordinary: 'workers' }, { shared: 0, copied: 0 });
    try {
      const property = fc.asyncProperty(laidCalls(OP), async ({ laid }) => {
        const { call, written, cols } = laid;
        const pending = Object.entries(allOf(pool as unknown as Target, call.arrays[0], cols, call.options));
        const settled = await Promise.all(pending.map(async ([title, of]) => [title, await of] as const));
        const want = allOf(engine as unknown as Target, written.arrays[0], cols, {});
        expectWrittenOut(laid, Object.fromEntries(settled) as unknown as Decided, want as unknown as Decided);
      });
      await fc.assert(property, { numRuns: 40, seed: 8 });
    } finally {
      await pool.close();
    }
  });
});
