// Measures the implementation named in the argument on the runtime that runs it, and prints one JSON line: softmax and
// log-softmax of Float32Array rows, as a user would call them. bench/accuracy.mjs starts it.
import { createRequire } from 'node:module';
import { versionIn } from '../../scripts/install.mjs';
import { ENGINES } from '../engines/index.mjs';
import { PACKAGES } from '../engines/names.mjs';
import { opOf } from '../ops.mjs';
import { compare, logSoftmax, softmax } from '../oracle.mjs';
import { host } from '../runtimes/host.mjs';
import { COLUMNS, inputsOf } from './inputs.mjs';

const NAMES = {
  loop: 'Math.exp loop',
  'tfjs-cpu': 'TF.js, cpu',
  'tfjs-wasm': 'TF.js, wasm',
  'ort-web': 'ONNX Runtime Web, wasm',
  'ort-node': 'ONNX Runtime, native',
};
const EXACT = { softmax, logSoftmax };
/** One logit 20 above the other: log-softmax of the first is −log1p(e^−20). */
const CERTAIN = Float32Array.of(0, -20);

// Libraries greet on standard output, which carries the answer.
const { log } = console;
console.log = console.error;
const [, , id] = process.argv;
const isOurs = !Object.hasOwn(NAMES, id);
const plan = { cases: [{ op: 'softmax', shape: '1x10' }], modes: ['fresh'] };
const engines = await ENGINES[isOurs ? 'ours' : id].open(host, plan);
const engine = engines.find((one) => one.id === id);
if (engine === undefined) throw new Error(`${id} cannot be had here`);

const [certain] = await resultOf('logSoftmax', CERTAIN, 2);
const results = [];
for (const cols of COLUMNS) {
  for (const { kind, rows, logits } of inputsOf(cols)) {
    for (const [op, exact] of Object.entries(EXACT)) {
      const got = await resultOf(op, logits.slice(), cols);
      results.push({ id, op, kind, cols, rows, ...compare(op, got, exact(logits, cols), cols) });
    }
  }
}
const name = isOurs ? `softmax-simd, ${id}` : NAMES[id];
const implementation = { id, name, version: versionOf(), runtime: `Node ${process.versions.node}`, certain };
log(JSON.stringify({ implementation, results }));
process.exit(0);

/** Ordinary arrays in and out. @param {string} op @param {Float32Array} logits @param {number} cols */
async function resultOf(op, logits, cols) {
  const task = { op: opOf(op), rows: logits.length / cols, cols, inputs: { logits }, usual: null };
  const subjects = await engine.subjects(task);
  const subject = subjects.at(-1);
  await subject.before?.();
  const [y] = await subject.results();
  const result = Float32Array.from(y);
  for (const { close } of subjects) close?.();
  return result;
}

function versionOf() {
  if (isOurs) return createRequire(import.meta.url)('../../package.json').version;
  return PACKAGES[id] === undefined ? process.versions.node : versionIn('bench/peers', PACKAGES[id]);
}
