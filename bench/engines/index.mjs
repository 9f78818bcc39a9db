import * as copy from './copy.mjs';
import * as jax from './jax.mjs';
import * as loop from './loop.mjs';
import * as onnxruntime from './onnxruntime.mjs';
import * as ours from './ours.mjs';
import * as tfjs from './tfjs.mjs';
import * as torch from './torch.mjs';
import * as transformers from './transformers.mjs';

/**
 * The code of what is timed, by the name that `--peers` takes. One file for each; it exports `open`.
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
