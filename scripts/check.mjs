// Runs a check by its name, or several with commas between them, and ends with 1 when anything in it fails, is missing or
// was skipped.
//
//   npm run check                             what there is
//   npm run check -- bits
//   npm run check -- bits bun firefox         on these alone: what comes after the name is the check's
//   npm run check -- bits,pool,cli            one after the other, all of them, with a summary
//   npm run check -- all
//
// What a check needs is installed on demand, but for browsers: scripts/install-browsers.sh.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { install, relaxedNode } from './install.mjs';

/**
 * @typedef {object} Asked what came after the name of a check
 * @property {string[]} words
 * @property {boolean} allowMissing a runtime that cannot be had is reported, and is no failure
 * @property {boolean} update writes what is found to what is committed
 * @property {number} stride
 *
 * @typedef {object} Check
 * @property {string} what
 * @property {string} [takes] which words, and flags
 * @property {string[]} [needs] folders whose packages are installed first
 * @property {boolean} [apart] not among all
 * @property {boolean} [unbuilt] needs no dist/
 * @property {(asked: Asked) => unknown} run throws, or sets the exit code
 */

const PLACES = 'RUNTIME… --allow-missing';
const VITEST = 'node_modules/vitest/vitest.mjs';
const MADE = ['dist', 'build', 'src/wasm/bytes.ts', 'src/wasm/decide-bytes.ts', 'src/pool/worker-source.ts'];

/** From quick to slow. @type {Record<string, Check>} */
const CHECKS = {
  format: {
    what: 'Prettier would change nothing',
    unbuilt: true,
    run: () => program('npx', 'prettier', '--check', '.'),
  },
  builds: { what: 'two builds from nothing are the same bytes', run: twoBuilds },
  start: {
    what: 'npm start on every tier, and the command line over its files',
    takes: 'TIER…',
    run: module('start'),
  },
  bits: {
    what: 'one hash of the simd tier on every runtime',
    takes: `${PLACES} --update`,
    run: module('bits'),
  },
  demo: {
    what: 'clicks through the demo page in Chromium and Firefox',
    takes: 'FILE…',
    needs: ['test/browsers'],
    run: demo,
  },
  faults: {
    what: 'breaks the code on purpose, fault by fault: each is caught by its test',
    takes: 'FAULT…',
    run: module('faults'),
  },
  exhaustive: {
    what: 'every float32 through the exponential of every tier',
    takes: '--stride N',
    run: module('exhaustive'),
  },
  consumers: {
    what: 'the packed package in bundlers, compilers, pages and Node',
    takes: 'CONSUMER…',
    needs: ['test/browsers'],
    run: module('consumers'),
  },
  'consumers-slow': {
    what: 'those of them that install and run for minutes: Next, Vitest, Metro, ...',
    needs: ['test/browsers'],
    run: module('consumers', 'runSlow'),
  },
  clickhouse: {
    what: 'every SQL function in a real ClickHouse (chDB, 543 MB)',
    needs: ['examples/clickhouse'],
    run: () => program('node', 'examples/clickhouse/main.mjs'),
  },
  transformers: {
    what: "sampling in transformers.js' own loop, and behind ONNX Runtime Web (474 MB)",
    needs: ['examples/transformers'],
    run: () => program('node', 'examples/transformers/main.mjs'),
  },
  pool: { what: 'the pool on real threads of every runtime', takes: PLACES, run: module('pool') },
  cli: {
    what: 'the command line over several GB, under GNU parallel, in ClickHouse',
    takes: 'FILE…',
    needs: ['examples/clickhouse'],
    run: ({ words }) => program('node', VITEST, 'run', '--config', 'test/cli/vitest.config.mjs', ...words),
  },
  fuzz: {
    what: 'mutated files through the command line, random calls against the oracle',
    takes: 'PART… SECONDS seed=N',
    run: module('fuzz'),
  },
  stress: {
    what: 'pools under aborts, deaths, transfers and closes: every call is accounted for',
    takes: `${PLACES} SECONDS seed=N`,
    run: module('stress'),
  },
  slurm: {
    what: 'a job array of examples/slurm on two nodes of a real Slurm, one task killed',
    run: module('slurm'),
  },
  browsers: {
    what: 'the suites in every browser, on every tier',
    takes: `${PLACES} --update`,
    run: module('suites', 'inBrowsers'),
  },
  runtimes: {
    what: 'the suites on every other runtime, on every tier',
    takes: `${PLACES} --update`,
    run: module('suites', 'onRuntimes'),
  },
  climb: {
    what: 'climbs towards the worst row of every operation: ten minutes',
    takes: 'STEPS',
    apart: true,
    run: climb,
  },
};

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'allow-missing': { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
    stride: { type: 'string', default: '1' },
    /** dist/ is of these sources already. */
    built: { type: 'boolean', default: false },
  },
});
const [first, ...words] = positionals;
try {
  if (first === undefined) list();
  else await runNamed();
} catch (error) {
  console.error(error.stack);
  // What failed may have left a server or a browser open.
  process.exit(1);
}

async function runNamed() {
  const usual = Object.keys(CHECKS).filter((name) => !CHECKS[name].apart);
  const names = first === 'all' ? usual : first.split(',');
  const unknown = names.filter((name) => !Object.hasOwn(CHECKS, name));
  if (unknown.length > 0) throw new Error(`no check is called ${unknown.join(', ')}: npm run check lists them`);
  if (!flags.built && !names.every((name) => CHECKS[name].unbuilt)) await import('./build.mjs');
  if (names.length > 1) runSeveral(names);
  else await runOne(names[0]);
}

function list() {
  const line = (name, what, takes) => `  ${name.padEnd(16)}${what.padEnd(74)}${takes}`.trimEnd();
  console.log('npm run check -- NAME\n');
  for (const [name, { what, takes = '' }] of Object.entries(CHECKS)) console.log(line(name, what, takes));
  console.log(line('all', 'all of these but climb', ''));
}

/** @param {string} name */
async function runOne(name) {
  const { needs = [], run } = CHECKS[name];
  const begin = performance.now();
  needs.forEach(install);
  const { 'allow-missing': allowMissing, update, stride } = flags;
  try {
    await run({ words, allowMissing, update, stride: Number(stride) });
  } catch (error) {
    console.log(`${name}: FAILED, ${secondsSince(begin)}`);
    throw error;
  }
  console.log(`${name}: ${process.exitCode ? 'FAILED' : 'passed'}, ${secondsSince(begin)}`);
}

/** Each in a process of its own: one that ends badly does not end the others. @param {string[]} names */
function runSeveral(names) {
  const lines = names.map((name) => {
    console.log(`\n== ${name}`);
    const begin = performance.now();
    const more = process.argv.slice(2).filter((arg) => arg !== first);
    const { status } = spawnSync(process.execPath, ['scripts/check.mjs', name, ...more, '--built'], {
      stdio: 'inherit',
    });
    if (status !== 0) process.exitCode = 1;
    return `${name}: ${status === 0 ? 'passed' : 'FAILED'}, ${secondsSince(begin)}`;
  });
  console.log(`\n${lines.join('\n')}`);
}

/** A check in a file of its own. @param {string} file @param {string} [name] of its export */
function module(file, name = 'run') {
  return async (/** @type {Asked} */ asked) => (await import(`./check/${file}.mjs`))[name](asked);
}

/** @param {string} command @param {string[]} args */
function program(command, ...args) {
  const { status, error } = spawnSync(command === 'node' ? process.execPath : command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${status ?? error?.message}`);
}

function twoBuilds() {
  const [before, after] = [digests(), (MADE.forEach(remove), program('node', 'scripts/build.mjs'), digests())];
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const differing = names.filter((name) => before.get(name) !== after.get(name));
  if (differing.length > 0) throw new Error(`two builds differ in ${differing.join(', ')}`);
  console.log(`${names.length} files are the same bytes`);
}

/** @param {string} place */
function remove(place) {
  rmSync(place, { recursive: true, force: true });
}

/** Of every file of dist/. */
function digests() {
  const files = readdirSync('dist', { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const file = path.join(parentPath, name);
      return [file, createHash('sha256').update(readFileSync(file)).digest('hex')];
    }),
  );
}

/** Screenshots go to out/demo/. @param {Asked} asked */
function demo({ words: files }) {
  program('node', 'node_modules/vite/bin/vite.js', 'build', 'examples/demo', '--logLevel', 'warn');
  program('node', VITEST, 'run', '--config', 'test/demo/vitest.config.mjs', ...files);
}

/** The long form of test/numerics/bounds.test.ts; what was reached is written to out/. @param {Asked} asked */
function climb({ words: [steps = '200000'] }) {
  const node = relaxedNode();
  if (node === null) throw new Error('relaxed cannot be climbed: this Node lacks it, and Node 24 cannot be had here');
  Object.assign(process.env, { CLIMB_STEPS: steps, CLIMB_REPORT: 'out' });
  program(node, VITEST, 'run', 'bounds.test.ts', '--disable-console-intercept');
}

/** @param {number} begin */
function secondsSince(begin) {
  return `${Math.round((performance.now() - begin) / 1000)} s`;
}
