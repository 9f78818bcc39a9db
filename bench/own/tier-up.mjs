// How long until the optimising compiler has taken over: softmax of 1×1000 in a fresh process, call after call. Prints
// the first call and the settled one in microseconds, and after how many milliseconds and calls they come down.
import { softmax } from '../../dist/index.js';

const CALLS = 60_000;
/** Calls whose median is compared, so that one interruption says nothing. */
const WINDOW = 31;
const SETTLED = 1.1;

const logits = Float32Array.from({ length: 1000 }, (_, i) => (i * 7919) % 13);
const out = new Float32Array(1000);
const ends = new Float64Array(CALLS + 1);
ends[0] = performance.now();
for (let i = 1; i <= CALLS; i++) {
  softmax(logits, 1000, { out });
  ends[i] = performance.now();
}
const times = Float64Array.from({ length: CALLS }, (_, i) => 1000 * (ends[i + 1] - ends[i]));
const medianAt = (i) => times.slice(i, i + WINDOW).sort()[WINDOW >> 1];
const settledUs = times.slice(-CALLS / 4).sort()[CALLS / 8];
let calls = 0;
while (medianAt(calls) > SETTLED * settledUs) calls++;
console.log(JSON.stringify({ firstUs: times[0], settledUs, calls, ms: ends[calls] - ends[0] }));
