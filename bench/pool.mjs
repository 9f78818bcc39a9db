// The pool against the same call on one thread: softmax with `out`, for the calling thread over ordinary arrays, for the
// pool over arrays of pool.alloc and over ordinary ones. The three take turns in one run, so that a busy machine hits all
// alike; their bits are compared first. Also how long a call takes that has nothing to compute (the round trip).
//
//   npm run build && node bench/pool.mjs                 prints, and writes bench/results/pool-node<major>.json
//   node bench/pool.mjs --threads 8 --short
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createEngine } from '../dist/index.js';
import { openPool } from '../build/lib/pool/pool.js';

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
const short = flags.short;
const NANOSECONDS = short ? 2e8 : 5e8;

const threads = flags.threads === undefined ? undefined : Number(flags.threads);
const pool = await openPool({ threads });
const everything = await openPool({ threads }, { shared: 0, copied: 0 });
const engine = createEngine({ tier: pool.tier });
const machine = {
  cpu: cpus()[0].model.trim(),
  cores: cpus().length,
  runtime: `Node ${process.versions.node} (V8 ${process.versions.v8})`,
  tier: pool.tier,
  threads: pool.threads,
};
console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.runtime}, ${machine.tier}, ${machine.threads} threads`);

const now = () => Number(process.hrtime.bigint());
const at = (times, share) => times[Math.floor((times.length - 1) * share)];
const us = (ns) => (ns / 1000).toFixed(1);

const roundTrip = await measureRoundTrip();
console.log(`round trip, µs: minimum ${us(roundTrip.min)}, median ${us(roundTrip.p50)}, p99 ${us(roundTrip.p99)}`);
console.log('\nµs, minimum (median); ratio of minima to one thread, as a busy machine spoils medians');
const rows = [];
for (const [count, cols] of SHAPES) rows.push(await measureShape(count, cols));

if (!short) {
  const file = `bench/results/pool-node${process.versions.node.split('.')[0]}.json`;
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(file, `${JSON.stringify({ machine, roundTrip, rows }, null, 2)}\n`);
  console.log(`\n${file}`);
}
await pool.close();
await everything.close();

/** One row of two elements through a worker and back, in a pool that does nothing by itself. */
async function measureRoundTrip() {
  const x = everything.alloc(2);
  const options = { out: x };
  const times = [];
  for (let i = 0; i < 3000; i++) {
    const begin = now();
    await everything.softmax(x, 2, options);
    times.push(now() - begin);
  }
  times.splice(0, 1000);
  times.sort((a, b) => a - b);
  return { min: times[0], p50: at(times, 0.5), p99: at(times, 0.99) };
}

async function measureShape(count, cols) {
  const n = count * cols;
  const x = Float32Array.from({ length: n }, (_, i) => 9 * Math.sin(7 * i));
  const out = new Float32Array(n);
  const shared = { x: pool.alloc(n), out: pool.alloc(n) };
  shared.x.set(x);
  const runs = {
    one: () => engine.softmax(x, cols, { out }),
    alloc: () => pool.softmax(shared.x, cols, { out: shared.out }),
    ordinary: () => pool.softmax(x, cols, { out }),
  };
  const want = Buffer.from(engine.softmax(x, cols).buffer);
  for (const [name, run] of Object.entries(runs)) {
    const got = await run();
    if (!want.equals(Buffer.from(got.buffer, got.byteOffset, got.byteLength))) throw new Error(`${name}: other bits`);
  }
  const times = { one: [], alloc: [], ordinary: [] };
  const end = now() + NANOSECONDS * (n > 1e6 ? 3 : 1);
  for (let round = 0; now() < end || round < 15; round++) {
    for (const [name, run] of Object.entries(runs)) {
      const begin = now();
      await run();
      times[name].push(now() - begin);
    }
  }
  for (const list of Object.values(times)) list.sort((a, b) => a - b);
  const figures = Object.fromEntries(
    Object.entries(times).map(([name, list]) => [name, { min: list[0], p50: at(list, 0.5) }]),
  );
  const { one, alloc, ordinary } = figures;
  const cell = ({ min, p50 }) => `${us(min)} (${us(p50)})`;
  const ratio = ({ min }) => `${(one.min / min).toFixed(2)}×`;
  console.log(
    `${count}×${cols}: one thread ${cell(one)}, pool.alloc ${cell(alloc)} ${ratio(alloc)}, ordinary ${cell(ordinary)} ${ratio(ordinary)}`,
  );
  pool.free(shared.x);
  pool.free(shared.out);
  return { rows: count, cols, rounds: times.one.length, ns: figures };
}
