/** The engines and their subjects by name; nothing here loads them, so that it may be read before anything is built. */

/** As `--peers` takes them, in the order in which they are loaded. */
export const ENGINE_IDS = [
  'ours',
  'copy',
  'loop',
  'tfjs-cpu',
  'tfjs-wasm',
  'ort-web',
  'ort-node',
  'transformers',
  'jax',
  'torch',
];

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
