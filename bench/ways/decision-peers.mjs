import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { topKModel } from '../engines/onnx-model.mjs';
import { host } from '../runtimes/host.mjs';
import { draw, keep } from './samplers.mjs';

/**
 * What other packages have for the same: from the caller's array to a token in JavaScript, end to end.
 *
 * @typedef {import('./samplers.mjs').Sampling} Sampling
 * @typedef {{ largest: (x: Float32Array, k: number) => any, sampler?: (x: Float32Array, sampling: Sampling) => () => any }} Peer
 *   `largest` gives the ids of the k largest; `sampler` what draws a token
 */

/** @returns {Promise<{ [id: string]: Peer }>} */
export async function openPeers() {
  return {
    'tfjs-wasm': await openTensorFlow(),
    'ort-web': await openRuntime('web'),
    'ort-node': await openRuntime('node'),
    transformers: await openTransformers(),
  };
}

/** topk and multinomial: it has neither topP nor minP, and draws of the k with the temperature alone. */
async function openTensorFlow() {
  const tf = await host.load('@tensorflow/tfjs-core');
  const wasm = await host.load('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(host.folder('@tensorflow/tfjs-backend-wasm'));
  wasm.setThreadsCount(1);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  if (!(await tf.setBackend('wasm'))) throw new Error('TF.js has no backend wasm here');
  return {
    largest: (x, k) => tf.tidy(() => tf.topk(tf.tensor1d(x), k).indices.dataSync()),
    sampler: (x, { topK = x.length, temperature = 1 }) => {
      return () =>
        tf.tidy(() => {
          const { values, indices } = tf.topk(tf.tensor1d(x), topK);
          const at = tf.multinomial(tf.div(values, temperature), 1).dataSync()[0];
          return indices.dataSync()[at];
        });
    },
  };
}

/** A session of TopK; the rest of what a hand-written sampler does, over the k. @param {'web' | 'node'} kind */
async function openRuntime(kind) {
  const ort = await host.load(`onnxruntime-${kind}`);
  if (kind === 'web') {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = host.folder('onnxruntime-web');
  }
  const executionProviders = [kind === 'web' ? 'wasm' : 'cpu'];
  const threads = { intraOpNumThreads: 1, interOpNumThreads: 1 };
  const session = await ort.InferenceSession.create(topKModel(), { executionProviders, ...threads });
  const run = (x, k) => {
    const count = new ort.Tensor('int64', BigInt64Array.of(BigInt(k)), [1]);
    return session.run({ x: new ort.Tensor('float32', x, [1, x.length]), k: count });
  };
  return {
    largest: async (x, k) => Array.from((await run(x, k)).indices.data, Number),
    sampler: (x, sampling) => async () => {
      const { values, indices } = await run(x, sampling.topK ?? x.length);
      const kept = keep({ ids: indices.data, values: values.data, count: values.data.length }, sampling);
      return Number(draw(kept, Math.random()));
    },
  };
}

/** Its own sampler, which knows top_k alone; it is not among what the package exports. */
async function openTransformers() {
  const folder = path.resolve('bench/peers/node_modules/@huggingface/transformers');
  const load = (file) => import(pathToFileURL(path.join(folder, file)).href);
  const { LogitsSampler } = await load('src/generation/logits_sampler.js');
  const { Tensor, topk } = await load('src/utils/tensor.js');
  return {
    largest: async (x, k) => Array.from((await topk(new Tensor('float32', x, [x.length]), k))[1].data, Number),
    sampler: (x, { topK = 0 }) => {
      const sampler = LogitsSampler.getSampler({ do_sample: true, top_k: topK, num_beams: 1 });
      return async () => Number((await sampler(new Tensor('float32', x, [x.length])))[0][0]);
    },
  };
}
