import * as ort from 'onnxruntime-web';
import { sample } from '../../dist/index.js';

/**
 * The same without transformers.js: a session gives logits, `sample` the tokens.
 *
 * @param {Uint8Array} model of model.mjs
 * @param {number[][]} prompts of equal lengths
 * @param {number} count tokens to add
 * @param {import('../../dist/index.js').SamplingOptions} sampling
 * @param {number} seed
 * @returns {Promise<number[][]>} prompts and what follows
 */
export async function generate(model, prompts, count, sampling, seed) {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const promptLength = prompts[0].length;
  const rows = prompts.map((prompt) => [...prompt]);
  for (let length = promptLength; length < promptLength + count; length++) {
    // The model looks at the last token alone, so nothing else is fed.
    const last = BigInt64Array.from(rows, (row) => BigInt(row[length - 1]));
    const { logits } = await session.run({ input_ids: new ort.Tensor('int64', last, [rows.length, 1]) });
    const { tokens } = sample(logits.data, logits.dims[2], {
      ...sampling,
      // Older runtimes have no Float16Array: then float16 comes as its bits.
      dtype: logits.data instanceof Uint16Array ? 'float16' : undefined,
      history: rows.map((row) => Int32Array.from(row.slice(promptLength))),
      prompt: rows.map((row) => Int32Array.from(row.slice(0, promptLength))),
      seed,
      step: length,
    });
    tokens.forEach((token, r) => rows[r].push(token));
  }
  await session.release();
  return rows;
}
