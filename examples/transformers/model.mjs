import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FLOAT, FLOAT16, INT64, modelOf } from './onnx.mjs';

/** Tokens of the vocabulary. */
export const COLS = 1000;
const WIDTH = 16;

/**
 * Writes a language model as transformers.js takes it from a folder: logits = embedding[id] · head, so that the next token
 * depends on the last alone, and no cache of the past is needed (a GPT-2 of no layers). Weights are random.
 *
 * - `onnx/model.onnx`: float32 logits
 * - `onnx/model_fp16.onnx`: the same, rounded to float16
 *
 * @param {string} folder
 */
export function writeModel(folder) {
  mkdirSync(path.join(folder, 'onnx'), { recursive: true });
  const config = { model_type: 'gpt2', architectures: ['GPT2LMHeadModel'], vocab_size: COLS, n_embd: WIDTH };
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ ...config, n_layer: 0, n_head: 1 }));
  const random = generator(20261127);
  const weights = [
    { name: 'embedding', dims: [COLS, WIDTH], data: Float32Array.from({ length: COLS * WIDTH }, random) },
    { name: 'head', dims: [WIDTH, COLS], data: Float32Array.from({ length: WIDTH * COLS }, random) },
  ];
  writeFileSync(path.join(folder, 'onnx/model.onnx'), bigram(weights, FLOAT));
  writeFileSync(path.join(folder, 'onnx/model_fp16.onnx'), bigram(weights, FLOAT16));
}

/** @param {import('./onnx.mjs').Weights[]} weights @param {number} type of the logits */
function bigram(weights, type) {
  return modelOf({
    weights,
    nodes: [
      { op: 'Gather', inputs: ['embedding', 'input_ids'], outputs: ['hidden'] },
      { op: 'MatMul', inputs: ['hidden', 'head'], outputs: ['products'] },
      { op: 'Cast', inputs: ['products'], outputs: ['logits'], attributes: { to: type } },
    ],
    inputs: [{ name: 'input_ids', type: INT64, dims: ['batch', 'length'] }],
    outputs: [{ name: 'logits', type, dims: ['batch', 'length', COLS] }],
  });
}

/**
 * Numbers in [-1.5, 1.5) that are multiples of 1/64: every product and sum of the model is then exact in float32, so the
 * logits are the same bits in every runtime and on every processor.
 *
 * @param {number} seed
 */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state >>> 8) % 192) / 64 - 1.5;
  };
}
