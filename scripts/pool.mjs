// The pool on real threads of every runtime: test/pool/check.mjs on Node, Bun and Deno, and in the four browsers with
// and without cross-origin isolation, and under policies that forbid blob: URLs or compiling; then 10,000 calls that must
// leave nothing behind (test/pool/leaks.mjs).
//
//   npm run test:pool
//   npm run test:pool -- --allow-missing    a runtime that cannot be had here is reported, and is no failure
//
// The runtimes are those of test/runtimes/package.json, installed on demand; the browsers those of the system
// (scripts/install-browsers.sh).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { browserRows } from '../test/pool/browsers.mjs';
import { install } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const RUNTIMES = 'test/runtimes';
const BROWSERS = 'test/browsers';
const MODULES = `${RUNTIMES}/node_modules`;
const REPORT = 'test/pool/report.mjs';
const LEAKS = 'test/pool/leaks.mjs';
const SECONDS = 300;
const THREADED = { threads: 2, reason: /^(null|relaxed: [^;]*)$/ };

const allowMissing = process.argv.includes('--allow-missing');

await import('./build.mjs');
install(RUNTIMES);
install(BROWSERS);

let failed = 0;
let missing = 0;
const node = (major) => `${MODULES}/node${major}/bin/node`;
for (const [name, file, args, wanted] of [
  ['Node 20', node(20), [REPORT], { ...THREADED, tier: 'simd' }],
  [
    'Node 20 without WebAssembly',
    node(20),
    ['--jitless', REPORT],
    { threads: 2, tier: 'scalar', reason: /by message/ },
  ],
  ['Node 24', node(24), [REPORT], { ...THREADED, tier: 'relaxed' }],
  ['Node 26', node(26), [REPORT], { ...THREADED, tier: 'relaxed' }],
  ['Bun', `${MODULES}/bun/bin/bun`, [REPORT], { ...THREADED, tier: 'relaxed' }],
  ['Deno', `${MODULES}/deno/deno`, ['run', '-A', REPORT], { ...THREADED, tier: 'relaxed' }],
  ['Node 20, leaks', node(20), ['--expose-gc', LEAKS], {}],
  ['Node 24, leaks', node(24), ['--expose-gc', LEAKS], {}],
]) {
  if (!existsSync(file)) judge({ name, missing: true, error: `${file} is not there` });
  else judge({ name, wanted, ...(await run(file, args)) });
}
for (const row of await browserRows()) judge(row);

console.log(`${failed} failed, ${missing} missing`);
process.exitCode = failed + (allowMissing ? 0 : missing) > 0 ? 1 : 0;

/** Prints a row as soon as it is known. */
function judge({ name, report, error, wanted, missing: isMissing }) {
  const wrong = error === undefined ? faultsOf(report, wanted) : [error];
  if (isMissing) missing++;
  else if (wrong.length > 0) failed++;
  const { failures, ...says } = report ?? {};
  const word = isMissing ? 'MISSING' : wrong.length > 0 ? 'FAILED' : 'passed';
  console.log(`${word}  ${name}  ${JSON.stringify(says)}`);
  for (const line of wrong) console.log(`        ${line}`);
  return failures;
}

/** What is not as wanted, and what check.mjs found. */
function faultsOf(report, wanted) {
  if (report.error !== undefined) return [report.error];
  const faults = [...report.failures];
  for (const [field, value] of Object.entries(wanted)) {
    const is = value instanceof RegExp ? value.test(String(report[field])) : report[field] === value;
    if (!is) faults.push(`${field}: expected ${value}, got ${report[field]}`);
  }
  return faults;
}

function run(file, args) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: SECONDS * 1000 });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('error', (error) => resolve({ error: error.message }));
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ report: JSON.parse(out) });
      else resolve({ error: `ended with ${code ?? signal}: ${err.trim().slice(-2000)}` });
    });
  });
}
