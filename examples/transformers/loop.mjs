import { LogitsProcessor, Tensor, random } from '@huggingface/transformers';
import assert from 'node:assert/strict';
import { COLS } from './model.mjs';
import { survivors } from './oracle.mjs';

export const PROMPTS = [
  [1, 2, 3],
  [500, 600, 700],
];
/** Tokens that are added to each. */
export const NEW = 100;
export const SEED = 7;

/** Keeps what the processor after it is given, and changes nothing. */
class Recorder extends LogitsProcessor {
  /** @type {Float32Array[]} */
  steps = [];

  _call(ids, logits) {
    this.steps.push(logits.data.slice());
    return logits;
  }
}

/**
 * transformers.js' own loop.
 *
 * @param {import('@huggingface/transformers').PreTrainedModel} model
 * @param {LogitsProcessor[]} processors
 * @param {object} options of `generate`
 * @returns the rows, and the logits that each step began with
 */
export async function run(model, processors, options) {
  const recorder = new Recorder();
  const ids = BigInt64Array.from(PROMPTS.flat(), BigInt);
  random.seed(SEED);
  const sequences = await model.generate({
    inputs: new Tensor('int64', ids, [PROMPTS.length, PROMPTS[0].length]),
    max_new_tokens: NEW,
    logits_processor: [recorder, ...processors],
    ...options,
  });
  const rows = sequences.tolist().map((row) => row.map(Number));
  assert.deepEqual([rows.length, rows[0].length], [PROMPTS.length, PROMPTS[0].length + NEW]);
  return { rows, steps: recorder.steps };
}

/** How many drawn tokens the stages leave out. */
export function outside({ rows, steps }, sampling) {
  const length = PROMPTS[0].length;
  return steps.flatMap((logits, i) =>
    rows.filter((row, r) => {
      const x = logits.subarray(r * COLS, (r + 1) * COLS);
      return !survivors(x, sampling, row.slice(0, length), row.slice(length, length + i)).has(row[length + i]);
    }),
  ).length;
}
