// Softmax in linear memory against TF.js wasm with its tensor resident, interleaved in one run so that a busy machine
// hits both alike. First the answers are compared, then timed; all code is in the optimising tier by then.
//
//   npm run build && npm ci --prefix bench/peers && node bench/resident.mjs      on the newest Node that is to be had
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { createEngine } from '../dist/index.js';

const require = createRequire(new URL('peers/', import.meta.url));
const tf = require('@tensorflow/tfjs-core');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
await tf.setBackend('wasm');

const SHAPES = [
  [4096, 10],
  [1024, 64],
  [64, 1024],
  [4, 32000],
];
const ROUNDS = 40;

function normal() {
  return 4 * Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

function engines() {
  const list = [];
  for (const tier of ['simd', 'relaxed']) {
    try {
      list.push(createEngine({ tier, arenaBytes: 1 << 22 }));
    } catch {
      console.log(`${tier}: not on this Node`);
    }
  }
  return list;
}

console.log(
  `${cpus()[0].model.trim()}, Node ${process.versions.node} (V8 ${process.versions.v8}), TF.js ${tf.version_core}`,
);
console.log('ns per element, minimum (median) of interleaved rounds; ratio of minima to TF.js wasm');
const all = engines();
for (const [rows, cols] of SHAPES) {
  const n = rows * cols;
  const x = Float32Array.from({ length: n }, normal);
  const tensor = tf.tensor2d(x, [rows, cols]);
  const want = tf.softmax(tensor).dataSync();
  const runs = [['tfjs-wasm', () => tf.softmax(tensor).dispose(), []]];
  for (const engine of all) {
    const logits = engine.alloc(n);
    const out = engine.alloc(n);
    logits.set(x);
    const options = { out };
    const got = engine.softmax(logits, cols, options);
    const off = got.reduce((max, v, i) => Math.max(max, Math.abs(v - want[i])), 0);
    if (!(off < 1e-4)) throw new Error(`${engine.tier}: off by ${off} from TF.js at ${rows}×${cols}`);
    runs.push([engine.tier, () => engine.softmax(logits, cols, options), []]);
  }
  const repeats = Math.ceil(1e6 / n);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [, run, times] of runs) {
      const begin = process.hrtime.bigint();
      for (let i = 0; i < repeats; i++) run();
      times.push(Number(process.hrtime.bigint() - begin) / repeats / n);
    }
  }
  for (const [, , times] of runs) times.sort((a, b) => a - b);
  const base = runs[0][2][0];
  const cells = runs.map(
    ([name, , t]) => `${name} ${t[0].toFixed(3)} (${t[ROUNDS >> 1].toFixed(3)}) ${(t[0] / base).toFixed(2)}×`,
  );
  console.log(`${rows}×${cols}: ${cells.join(', ')}`);
  tensor.dispose();
}
