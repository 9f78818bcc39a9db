import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { modelOf } from '../engines/onnx-model.mjs';

/**
 * What is measured: softmax and log-softmax of Float32Array rows, as a user would call them. Peers run on one thread.
 *
 * @typedef {object} Implementation
 * @property {string} name
 * @property {string} version
 * @property {(logits: Float32Array, cols: number) => Promise<Float32Array>} softmax
 * @property {(logits: Float32Array, cols: number) => Promise<Float32Array>} logSoftmax
 */

const peersFolder = fileURLToPath(new URL('../peers/', import.meta.url));
const require = createRequire(path.join(peersFolder, 'package.json'));

/** @param {string} name @param {string} [from] */
function versionOf(name, from = path.join(peersFolder, 'node_modules')) {
  return JSON.parse(readFileSync(path.join(from, name, 'package.json'), 'utf8')).version;
}

/** @returns {Promise<Implementation>} */
async function ours(/** @type {'relaxed' | 'simd' | 'scalar'} */ tier) {
  const { createEngine } = await import('../../dist/index.js');
  const engine = createEngine({ tier });
  return {
    name: `softmax-simd, ${tier}`,
    version: versionOf('..', fileURLToPath(new URL('..', import.meta.url))),
    softmax: async (logits, cols) => engine.softmax(logits, cols),
    logSoftmax: async (logits, cols) => engine.logSoftmax(logits, cols),
  };
}

/** The loop that everybody writes: float64 arithmetic, results stored as float32. @returns {Promise<Implementation>} */
async function loop() {
  const rowsOf = (/** @type {(row: Float32Array, out: Float32Array) => void} */ of) => {
    return async (/** @type {Float32Array} */ logits, /** @type {number} */ cols) => {
      const out = new Float32Array(logits.length);
      for (let r = 0; r < logits.length; r += cols) of(logits.subarray(r, r + cols), out.subarray(r, r + cols));
      return out;
    };
  };
  return {
    name: 'Math.exp loop',
    version: process.version.slice(1),
    softmax: rowsOf((row, out) => {
      const max = row.reduce((a, b) => Math.max(a, b));
      let sum = 0;
      for (let i = 0; i < row.length; i++) sum += out[i] = Math.exp(row[i] - max);
      for (let i = 0; i < row.length; i++) out[i] /= sum;
    }),
    logSoftmax: rowsOf((row, out) => {
      const max = row.reduce((a, b) => Math.max(a, b));
      let sum = 0;
      for (let i = 0; i < row.length; i++) sum += Math.exp(row[i] - max);
      const log = Math.log(sum);
      for (let i = 0; i < row.length; i++) out[i] = row[i] - max - log;
    }),
  };
}

/** @returns {Promise<Implementation>} */
async function tensorflow(/** @type {'cpu' | 'wasm'} */ backend) {
  const tf = require('@tensorflow/tfjs-core');
  const peer = `@tensorflow/tfjs-backend-${backend}`;
  const backendModule = require(peer);
  if (backend === 'wasm') {
    backendModule.setWasmPaths(path.join(peersFolder, 'node_modules', peer, 'dist', '/'));
    backendModule.setThreadsCount(1);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`TF.js has no backend ${backend} here`);
  const run = (/** @type {'softmax' | 'logSoftmax'} */ op) => {
    return async (/** @type {Float32Array} */ logits, /** @type {number} */ cols) => {
      await tf.setBackend(backend);
      const x = tf.tensor2d(logits, [logits.length / cols, cols]);
      const y = tf[op](x);
      const result = await y.data();
      x.dispose();
      y.dispose();
      return Float32Array.from(result);
    };
  };
  return {
    name: `TF.js, ${backend}`,
    version: versionOf(peer),
    softmax: run('softmax'),
    logSoftmax: run('logSoftmax'),
  };
}

/** @returns {Promise<Implementation>} */
async function onnxruntime(/** @type {'web' | 'node'} */ kind) {
  const peer = `onnxruntime-${kind}`;
  const ort = require(peer);
  if (kind === 'web') ort.env.wasm.numThreads = 1;
  const options = { executionProviders: [kind === 'web' ? 'wasm' : 'cpu'], intraOpNumThreads: 1 };
  const run = (/** @type {'Softmax' | 'LogSoftmax'} */ op) => {
    const session = ort.InferenceSession.create(modelOf(op), options);
    return async (/** @type {Float32Array} */ logits, /** @type {number} */ cols) => {
      const x = new ort.Tensor('float32', logits, [logits.length / cols, cols]);
      const { y } = await (await session).run({ x });
      return Float32Array.from(y.data);
    };
  };
  return {
    name: kind === 'web' ? 'ONNX Runtime Web, wasm' : 'ONNX Runtime, native',
    version: versionOf(peer),
    softmax: run('Softmax'),
    logSoftmax: run('LogSoftmax'),
  };
}

/** @type {Record<string, () => Promise<Implementation>>} */
export const IMPLEMENTATIONS = {
  relaxed: () => ours('relaxed'),
  simd: () => ours('simd'),
  scalar: () => ours('scalar'),
  loop,
  'tfjs-cpu': () => tensorflow('cpu'),
  'tfjs-wasm': () => tensorflow('wasm'),
  'ort-web': () => onnxruntime('web'),
  'ort-node': () => onnxruntime('node'),
};
