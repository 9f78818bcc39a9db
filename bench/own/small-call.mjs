// One call of 1×10 with `out`, in a process that uses one engine only, as most programs do. Takes the tier as argument
// and prints nanoseconds as JSON.
import { createEngine } from '../../dist/index.js';

const SAMPLES = 300;
const CALLS = 5000;

const { softmax, alloc } = createEngine({ tier: process.argv[2], arenaBytes: 256 });

/** @param {Float32Array} logits @param {Float32Array} out */
function measure(logits, out) {
  const times = [];
  for (let k = 0; k < SAMPLES; k++) {
    const begin = process.hrtime.bigint();
    for (let i = 0; i < CALLS; i++) softmax(logits, 10, { out });
    times.push(Number(process.hrtime.bigint() - begin) / CALLS);
  }
  times.sort((a, b) => a - b);
  return { min: times[0], p50: times[SAMPLES >> 1] };
}

const logits = Float32Array.of(2, 1, 0.1, -3, 4, 0.5, -1, 2.5, 0, 1.5);
const own = alloc(10);
own.set(logits);
console.log(JSON.stringify({ out: measure(logits, new Float32Array(10)), alloc: measure(own, alloc(10)) }));
