import * as copy from './copy.mjs';
import * as jax from './jax.mjs';
import * as loop from './loop.mjs';
import * as onnxruntime from './onnxruntime.mjs';
import * as ours from './ours.mjs';
import * as tfjs from './tfjs.mjs';
import * as torch from './torch.mjs';
import * as transformers from './transformers.mjs';

/**
 * What is timed, by the name that `--peers` takes. One file for each; it exports `open`.
 *
 * @typedef {object} Host what differs between Node and a page
 * @property {(name: string) => any} load a module of bench/peers
 * @property {(name: string) => string} folder where the wasm files of a package of bench/peers are, with a slash at its end
 * @property {() => any} [startTorch] a Python process that waits for tasks
 *
 * @typedef {object} Engine
 * @property {string} id
 * @property {(task: import('../suite/suite.mjs').Task) => any} subjects of a case; none where it has no such operation
 * @property {() => void} [close]
 *
 * @type {Record<string, { open: (host: Host, plan: any) => Promise<Engine[]> }>}
 */
export const ENGINES = {
  ours,
  copy,
  loop,
  'tfjs-cpu': { open: (host) => tfjs.open(host, 'cpu') },
  'tfjs-wasm': { open: (host) => tfjs.open(host, 'wasm') },
  'ort-web': { open: (host) => onnxruntime.open(host, 'web') },
  'ort-node': { open: (host) => onnxruntime.open(host, 'node') },
  transformers,
  jax,
  torch,
};

/** Those that a page cannot have. */
export const NODE_ONLY = ['ort-node', 'torch'];

/** Not among the usual ones: asked for by name. */
export const OPTIONAL = ['torch'];

/** The packages whose versions are shown; ours and the plain loops have none. */
export const PACKAGES = {
  'tfjs-cpu': '@tensorflow/tfjs-backend-cpu',
  'tfjs-wasm': '@tensorflow/tfjs-backend-wasm',
  'ort-web': 'onnxruntime-web',
  'ort-node': 'onnxruntime-node',
  transformers: '@huggingface/transformers',
  jax: '@jax-js/jax',
};

/** How a subject is called in tables, in the order of their columns. */
export const SUBJECTS = {
  'relaxed alloc': 'relaxed, in linear memory',
  'relaxed out': 'relaxed, `out`',
  'relaxed fresh': 'relaxed, fresh output',
  'simd alloc': 'simd, in linear memory',
  'simd out': 'simd, `out`',
  'simd fresh': 'simd, fresh output',
  'scalar alloc': 'scalar, `alloc`',
  'scalar out': 'scalar, `out`',
  'scalar fresh': 'scalar, fresh output',
  'relaxed softmax': 'relaxed, our softmax beside it',
  'simd softmax': 'simd, our softmax beside it',
  'scalar softmax': 'scalar, our softmax beside it',
  copy: 'the copy alone',
  loop: 'Math.exp loop',
  'tfjs-cpu resident': 'TF.js cpu, resident',
  'tfjs-cpu whole': 'TF.js cpu, end to end',
  'tfjs-wasm resident': 'TF.js wasm, resident',
  'tfjs-wasm whole': 'TF.js wasm, end to end',
  'ort-web': 'ONNX Runtime Web',
  'ort-node': 'ONNX Runtime, native',
  transformers: 'transformers.js',
  'jax resident': 'jax-js wasm, resident',
  'jax whole': 'jax-js wasm, end to end',
  torch: 'PyTorch, native',
};
