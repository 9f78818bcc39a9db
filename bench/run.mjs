// The benchmark: this package's tiers beside what else a JavaScript program can call, in turns within one process.
//
//   npm run bench                             every runtime: writes bench/results, then bench/RESULTS.md, charts, README
//   npm run bench -- --runtime node24         one or more of node24, node20, node26, chromium, firefox
//   npm run bench -- --quick                  a few cases in under a minute
//   npm run bench -- --op softmax --shape 1x1000,65536x10
//   npm run bench -- --peers tfjs-wasm,torch  these beside ours instead of the usual ones; all: the optional ones too
//   npm run bench -- --json                   the records on standard output instead of tables
//   npm run bench -- --page                   the same benchmark as a page to open in a browser of your own
//   npm run bench -- --goals                  also judges the goals that the kernels are held to
//   npm run bench -- --print                  every committed figure, or those of --runtime, --op, --shape
//   npm run bench -- --check                  fails where a ratio to a peer is worse than the committed one (check.mjs)
//   npm run bench -- --render                 what shows the committed results, made from them again (render.mjs)
//
// Runs that leave something out write out/bench/ and no document. bench/peers is installed on demand (600 MB).
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isWhole, MAIN, passesFor, planFor, RUNTIMES } from './plan.mjs';
import { progressBar } from './progress.mjs';
import {
  addResult,
  COMMITTED,
  PARTIAL,
  readRecords,
  rounded,
  surroundings,
  versionsOf,
  writeRecord,
} from './record.mjs';
import { terminalOf } from './report/terminal.mjs';
import { install } from '../scripts/install.mjs';
import { findNode, runInNode } from './runtimes/node.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    op: { type: 'string' },
    shape: { type: 'string' },
    peers: { type: 'string' },
    runtime: { type: 'string' },
    json: { type: 'boolean' },
    page: { type: 'boolean' },
    goals: { type: 'boolean' },
    print: { type: 'boolean' },
    check: { type: 'boolean' },
    render: { type: 'boolean' },
  },
});
const list = (/** @type {string | undefined} */ text) => text?.split(',').map((word) => word.trim());
const options = { quick: flags.quick, ops: list(flags.op), shapes: list(flags.shape), peers: list(flags.peers) };
const whole = isWhole(options) || (isWhole({ ...options, peers: undefined }) && flags.peers === 'all');
const runtimes = list(flags.runtime) ?? (isWhole({ ...options, peers: undefined }) ? RUNTIMES : [MAIN]);
for (const id of runtimes) if (!/^node\d+$/.test(id) && !RUNTIMES.includes(id)) throw new Error(`no runtime ${id}`);

if (flags.check) await import('./check.mjs');
else if (flags.render) await renderAll();
else if (flags.print) print();
else {
  await import('../scripts/build.mjs');
  install('bench/peers');
  mkdirSync(PARTIAL, { recursive: true });
  await (flags.page ? serve() : measureAll());
}

async function renderAll() {
  const { render } = await import('./render.mjs');
  console.error(`written: ${(await render()).join(', ')}`);
}

/** The committed records, or what was asked for of them. */
function print() {
  const of = (/** @type {string[] | undefined} */ wanted, /** @type {string} */ id) => wanted?.includes(id) ?? true;
  for (const record of readRecords().filter(({ runtime }) => of(list(flags.runtime), runtime.id))) {
    const results = record.results.filter(({ op, shape }) => of(options.ops, op) && of(options.shapes, shape));
    console.log(`\n${terminalOf({ ...record, results }, flags.goals)}`);
  }
}

async function serve() {
  const { servePage } = await import('./browser/server.mjs');
  console.log(`open ${(await servePage(planFor('chromium', options))).url} (Ctrl+C ends)`);
}

async function measureAll() {
  const records = [];
  for (const id of runtimes) {
    try {
      records.push(await measure(id));
    } catch (error) {
      console.error(`${id}: NOT MEASURED: ${error.message}`);
      process.exitCode = 1;
    }
  }
  if (flags.json) console.log(JSON.stringify(records, null, 2));
  else for (const record of records) console.log(`\n${terminalOf(record, flags.goals)}`);
  const bad = records.flatMap((r) => r.results).filter((r) => r.min === undefined && isOurs(r.subject));
  for (const { op, shape, subject, wrong, failed } of bad) {
    console.error(`${op} ${shape}, ${subject}: ${wrong === undefined ? 'failed' : 'WRONG'}: ${wrong ?? failed}`);
    process.exitCode = 1;
  }
  if (whole && records.length > 0) await renderAll();
}

/** @param {string} subject */
function isOurs(subject) {
  return ['relaxed', 'simd', 'scalar'].includes(subject.split(' ')[0]);
}

/** @param {string} id */
async function measure(id) {
  const passes = passesFor(id, options);
  const [plan] = passes;
  if (plan.cases.length === 0) throw new Error('nothing to measure: no operation at that shape');
  const inNode = id.startsWith('node');
  const node = inNode ? findNode(id) : null;
  const begin = performance.now();
  const bar = progressBar(id);
  const versions = versionsOf(plan.engines);
  const missing = [];
  const results = [];
  const told = (/** @type {any} */ message) => {
    if (message.type === 'progress') bar.update((pass + message.done) / passes.length, message.label);
    else if (message.type === 'missing') {
      if (pass === 0) missing.push({ engine: message.engine, reason: message.reason });
    } else if (message.type === 'version') versions[message.engine] = message.version;
    else addResult(results, rounded(message.result));
  };
  let pass = 0;
  let runtime;
  let own;
  try {
    if (node === null) {
      const { runInBrowser } = await import('./browser/browser.mjs');
      runtime = { id, ...(await runInBrowser(id, plan, told)) };
    } else {
      runtime = { id, name: `Node ${node.version}`, version: node.version, engine: `V8 ${node.v8}` };
      for (; pass < passes.length; pass++) await runInNode(node.file, passes[pass], told);
      if (whole) own = (await import('./own/own.mjs')).measureOwn(node.file, (label) => bar.update(1, label));
    }
  } finally {
    bar.stop();
  }
  const record = {
    runtime,
    command: `npm run bench -- ${process.argv.slice(2).join(' ')}`.replace(/ -- $/, ''),
    ...surroundings(),
    seconds: Math.round((performance.now() - begin) / 1000),
    settings: plan.settings,
    versions,
    missing,
    own,
    results,
  };
  const file = writeRecord(whole ? COMMITTED : PARTIAL, record);
  console.error(`${id}: ${record.seconds} s, ${path.normalize(file)}`);
  return record;
}
