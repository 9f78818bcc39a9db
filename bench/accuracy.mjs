// Softmax and log-softmax of this package and of others on the same rows, against float64.
//
//   npm run accuracy
//
// Installs bench/peers on demand, and measures on the Node that runs it; where that one has no relaxed SIMD, the relaxed
// tier on the Node 24 of test/node24. Writes bench/results/accuracy.json, docs/accuracy.svg and the tables of docs/accuracy.md.
import { spawnSync } from 'node:child_process';
import { install, relaxedNode } from '../scripts/install.mjs';
import { keep } from './render.mjs';

await import('../scripts/build.mjs');
const OTHERS = ['loop', 'tfjs-cpu', 'tfjs-wasm', 'ort-web', 'ort-node'];

const relaxed = relaxedNode();
if (relaxed === null) throw new Error('a Node with relaxed SIMD cannot be had here');
install('bench/peers');
// One process each: onnxruntime-node and onnxruntime-web in one answer with the same backend.
const measured = [
  measure(relaxed, 'relaxed'),
  ...['simd', 'scalar', ...OTHERS].map((id) => measure(process.execPath, id)),
];
await keep('accuracy', true, {
  command: 'npm run accuracy',
  implementations: measured.map(({ implementation }) => implementation),
  results: measured.flatMap(({ results }) => results),
});

/** @param {string} node @param {string} id */
function measure(node, id) {
  console.error(`measuring ${id}`);
  const child = spawnSync(node, ['bench/accuracy/measure.mjs', id], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
  });
  if (child.status !== 0) throw new Error(`no measure of ${id}: ${child.error?.message ?? child.stderr}`);
  return JSON.parse(child.stdout.trim().split('\n').at(-1) ?? '');
}
