// The pool against the same call on one thread: softmax with `out`, for the calling thread over ordinary arrays, for the
// pool over arrays of pool.alloc, on SharedArrayBuffers of one's own, and ordinary ones; loss and gradient over arrays of
// pool.alloc. They take turns in one run, so that a busy machine hits all alike; their bits are compared first. Also how long
// a call takes that has nothing to compute (the round trip), how much of it the calling thread, and what sleep makes of that.
//
//   npm run build && node bench/pool.mjs     also writes bench/results/pool-node<major>.json, docs/pool.svg, docs/batch.md
//   node bench/pool.mjs --threads 8 --short  out/bench/ alone
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createEngine } from '../dist/index.js';
import { openPool } from '../build/lib/pool/pool.js';
import { normal } from './random.mjs';
import { rounded } from './record.mjs';
import { keep } from './render.mjs';
import { interleave } from './suite/measure.mjs';
import { functionWay, lossWays, poolWays, sharedWay } from './ways/functions.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const { values: flags } = parseArgs({
  options: { threads: { type: 'string' }, short: { type: 'boolean', default: false } },
});

/** 1 K to 16 M elements in rows of 1024, and one batch each of short and long rows. */
const SHAPES = [
  [1, 1024],
  [16, 1024],
  [64, 1024],
  [128, 1024],
  [256, 1024],
  [1024, 1024],
  [4096, 1024],
  [16384, 1024],
  [104858, 10],
  [32, 32768],
];
/** Of crossEntropyWithGrad, rows × columns. */
const LOSSES = [
  [104858, 10],
  [1_000_000, 10],
  [1_000_000, 2],
  [4096, 1024],
];
const short = flags.short;
/** Of each way and turn. */
const TURN_MS = short ? 20 : 60;
const SETTINGS = { turns: 5, sampleMs: 0.1, warmMs: 40 };

const threads = flags.threads === undefined ? undefined : Number(flags.threads);
const pool = await openPool({ threads });
const everything = await openPool({ threads, ordinary: 'workers' }, { shared: 0, copied: 0 });
const engine = createEngine({ tier: pool.tier });
const two = everything.alloc(2);
console.log(`Node ${process.versions.node}, ${pool.tier}, ${pool.threads} threads`);

const now = () => Number(process.hrtime.bigint());
const at = (times, share) => times[Math.floor((times.length - 1) * share)];
const us = (ns) => (ns / 1000).toFixed(1);

const { roundTrip, published } = await measureRoundTrip();
const slept = await measureSlept();
console.log(`round trip, µs: minimum ${us(roundTrip.min)}, median ${us(roundTrip.p50)}, p99 ${us(roundTrip.p99)}`);
console.log(`until it is published: minimum ${us(published.min)}, median ${us(published.p50)}`);
console.log(`after a sleep, median: ${us(slept.pool.p50)}; softmax of 24 on this thread: ${us(slept.plain.p50)}`);
console.log('\nµs, minimum (median); ratio of minima to one thread, as a busy machine spoils medians');
const rows = [];
for (const [count, cols] of SHAPES) rows.push(await measureShape(count, cols));
console.log('\ncrossEntropyWithGrad');
const losses = [];
for (const [count, cols] of LOSSES) losses.push(await measureLoss(count, cols));

await keep(`pool-node${process.versions.node.split('.')[0]}`, !short, {
  command: `node bench/pool.mjs ${process.argv.slice(2).join(' ')}`.trim(),
  tier: pool.tier,
  threads: pool.threads,
  roundTrip,
  published,
  slept,
  results: rows,
  losses,
});
await pool.close();
await everything.close();

/** One row of two elements through a worker and back, in a pool that does nothing by itself: until it is published, and all. */
async function timeSmallCall() {
  const begin = now();
  const promise = everything.softmax(two, 2, { out: two });
  const published = now() - begin;
  await promise;
  return { published, whole: now() - begin };
}

async function measureRoundTrip() {
  const calls = [];
  for (let i = 0; i < 3000; i++) calls.push(await timeSmallCall());
  calls.splice(0, 1000);
  return {
    roundTrip: summary(calls.map(({ whole }) => whole)),
    published: summary(calls.map(({ published }) => published)),
  };
}

/** After as long a sleep as the largest batch takes. What it costs is no work of the call's: a call without a pool pays it, too. */
async function measureSlept() {
  const row = new Float32Array(24);
  const inPlace = { out: row };
  const slept = { pool: [], plain: [] };
  for (let i = 0; i < 200; i++) {
    await setTimeout(16);
    slept.pool.push((await timeSmallCall()).published);
    await setTimeout(16);
    const begin = now();
    engine.softmax(row, 24, inPlace);
    slept.plain.push(now() - begin);
  }
  return { pool: summary(slept.pool), plain: summary(slept.plain) };
}

function summary(times) {
  times.sort((a, b) => a - b);
  return { min: times[0], p50: at(times, 0.5), p99: at(times, 0.99) };
}

function batchOf(rows, cols) {
  const logits = normal(rows * cols, 0, 4, 1);
  return { rows, cols, logits, probs: engine.softmax(logits, cols), out: new Float32Array(logits.length), folder: '' };
}

/** The ways of one batch, and what they take over the time on one thread. */
async function measureShape(rows, cols) {
  const batch = batchOf(rows, cols);
  const [alloc, ordinary] = poolWays(batch, pool);
  const ways = [functionWay(batch, engine), alloc, sharedWay(batch, pool), ordinary];
  const [one, own, shared, copied] = await measure(ways, rows, cols);
  return { rows, cols, ns: { one, alloc: own, shared, ordinary: copied } };
}

/** The same of loss and gradient. */
async function measureLoss(rows, cols) {
  const [one, alloc] = await measure(lossWays(batchOf(rows, cols), engine, pool), rows, cols);
  return { rows, cols, ns: { one, alloc } };
}

async function measure(ways, rows, cols) {
  for (const way of ways) await way.check();
  const timings = await interleave(ways, { ...SETTINGS, turnMs: TURN_MS * (rows * cols > 1e6 ? 3 : 1) }, () => {});
  for (const way of ways) way.close?.();
  const all = timings.map((timing, i) => {
    if ('failed' in timing) throw new Error(`${ways[i].id}, ${rows} × ${cols}: ${timing.failed}`);
    return rounded(timing);
  });
  const cell = ({ min, p50 }, i) => `${ways[i].id} ${us(min)} (${us(p50)}) ${(all[0].min / min).toFixed(2)}×`;
  console.log(`${rows}×${cols}: ${all.map(cell).join(', ')}`);
  return all;
}
