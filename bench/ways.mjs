// Softmax by every way that this package has, from 1 Ki to 64 Mi elements: the function, the pool, the command line from
// file to file, and SQL in ClickHouse. All take turns in one run; what each gives is compared before it is timed.
//
//   npm run build && node bench/ways.mjs      8 minutes: bench/results/ways.json, docs/ways.svg, the tables of docs/batch.md
//   node bench/ways.mjs --quick               small batches in under a minute: out/bench/ways.json
//   node bench/ways.mjs --cols 1000 --turns 3 --no-sql --dir /dev/shm
//
// Installs chDB in examples/clickhouse on demand (543 MB). Files lie in a memory file system, where there is one.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createEngine } from '../dist/index.js';
import { createPool } from '../dist/pool/index.js';
import { progressBar } from './progress.mjs';
import { rounded } from './record.mjs';
import { keep } from './render.mjs';
import { interleave } from './suite/measure.mjs';
import { makeBatch, memoryFolder } from './ways/batch.mjs';
import { commandLineWays } from './ways/command-line.mjs';
import { functionWays, poolWays } from './ways/functions.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    cols: { type: 'string' },
    turns: { type: 'string' },
    'no-sql': { type: 'boolean', default: false },
    dir: { type: 'string' },
  },
});
const COLS = flags.cols?.split(',').map(Number) ?? [1000, 10];
const SIZES = [10, 12, 14, 16, 18, 20, 22, 24, 26].map((power) => 2 ** power);
const LARGE = 2 ** 21;
const turns = Number(flags.turns ?? (flags.quick ? 2 : 7));
/** Long enough for three runs of a process, even over the largest batch. */
const settingsOf = (/** @type {number} */ elements) => ({
  turns,
  turnMs: flags.quick ? 10 : elements > LARGE ? 600 : 100,
  sampleMs: 0.5,
  warmMs: 40,
});
const sizes = flags.quick ? SIZES.slice(0, 4) : SIZES;
const whole = !flags.quick && flags.cols === undefined && flags.turns === undefined && !flags['no-sql'];
const POOL_STARTS = 5;

const begin = performance.now();
const folder = memoryFolder(flags.dir);
const bar = progressBar('ways');
/** @type {{ way: string, reason: string }[]} */
const missing = [];
const results = [];
const engine = createEngine();
const poolStart = await measurePoolStart();
const pool = await createPool();
const server = flags['no-sql'] ? null : await startSql();
try {
  const shapes = COLS.flatMap((cols) => sizes.map((n) => ({ rows: Math.max(1, Math.round(n / cols)), cols })));
  for (const [k, { rows, cols }] of shapes.entries()) {
    const label = `${rows} × ${cols}`;
    results.push(...(await measure(rows, cols, (done) => bar.update((k + done) / shapes.length, label))));
  }
  bar.stop();
  await keep('ways', whole, {
    command: `node bench/ways.mjs ${process.argv.slice(2).join(' ')}`.trim(),
    seconds: Math.round((performance.now() - begin) / 1000),
    settings: settingsOf(LARGE),
    tier: engine.tier,
    threads: pool.threads,
    clickhouse: server?.query('SELECT version()') ?? null,
    poolStart,
    missing,
    results,
  });
} finally {
  bar.stop();
  server?.stop();
  await pool.close();
  rmSync(folder, { recursive: true });
}

async function startSql() {
  try {
    return await (await import('./ways/sql.mjs')).startSql();
  } catch (error) {
    missing.push({ way: 'sql', reason: String(error.message).split('\n')[0] });
    return null;
  }
}

/** Nanoseconds from nothing to a pool that has answered a call. */
async function measurePoolStart() {
  const times = [];
  for (let i = 0; i < POOL_STARTS; i++) {
    const start = performance.now();
    const started = await createPool();
    await started.softmax(started.alloc(1 << 18), 1 << 9);
    times.push(1e6 * (performance.now() - start));
    await started.close();
  }
  times.sort((a, b) => a - b);
  return rounded({ min: times[0], p50: times[POOL_STARTS >> 1] });
}

/** @param {number} rows @param {number} cols @param {(done: number) => void} told */
async function measure(rows, cols, told) {
  told(0);
  const batch = makeBatch(engine, rows, cols, folder);
  const ways = [...functionWays(batch, engine), ...poolWays(batch, pool), ...commandLineWays(batch)];
  if (server !== null) ways.push(...(await import('./ways/sql.mjs')).sqlWays(batch, server));
  try {
    for (const way of ways) {
      const start = performance.now();
      await way.check();
      way.firstMs = performance.now() - start;
    }
    const timings = await interleave(ways, settingsOf(rows * cols), told);
    return timings.map((timing, i) => {
      if ('failed' in timing) throw new Error(`${ways[i].id}, ${rows} × ${cols}: ${timing.failed}`);
      return { way: ways[i].id, rows, cols, ...rounded(timing) };
    });
  } finally {
    for (const way of ways) way.close?.();
  }
}
