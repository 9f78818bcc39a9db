// Equal bits: builds twice and compares the wasm files; then runs test/bits/batch.mjs over dist/, on the simd tier of
// every runtime that the project tests, and compares the hashes with the committed one (test/bits/expected.json).
//
//   npm run test:bits
//   npm run test:bits -- --allow-missing    a runtime that cannot be had here is reported, and is no failure
//   npm run test:bits -- --update           writes what this Node gives: for a kernel whose bits change on purpose
//
// The runtimes (test/runtimes) and what drives the browsers (test/browsers) are installed on demand; the browsers are
// those of the system (scripts/install-browsers.sh).
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { BROWSERS, missing as missingBrowser, open, version } from '../test/browsers/browsers.mjs';
import { servePages } from '../test/browsers/pages.mjs';
import { missing as missingRuntime, RUNTIMES } from '../test/runtimes/runtimes.mjs';
import { install } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const FOLDER = 'test/bits';
const EXPECTED = `${FOLDER}/expected.json`;
const REPORT = `${FOLDER}/report.mjs`;
const SECONDS = 120;

const allowMissing = process.argv.includes('--allow-missing');

await import('./build.mjs');
const differing = await compareBuilds();

if (process.argv.includes('--update')) {
  const { hash, parts } = JSON.parse(run(process.execPath, [REPORT]));
  writeFileSync(EXPECTED, `${JSON.stringify({ hash, parts }, null, 2)}\n`);
  console.log(`${EXPECTED}: ${hash}`);
}
const expected = JSON.parse(readFileSync(EXPECTED, 'utf8'));

install('test/runtimes');
install('test/browsers');
const rows = [...commandLine(), ...(await browsers())];
printTable(rows);

const wrong = rows.filter(({ error, hash }) => error === undefined && hash !== expected.hash);
const failed = rows.filter(({ error, missing }) => error !== undefined && !missing);
const missing = rows.filter(({ missing }) => missing);
for (const { name, parts } of wrong) {
  const names = Object.keys({ ...expected.parts, ...parts }).filter((part) => parts[part] !== expected.parts[part]);
  console.error(`${name}: other bits of ${names.join('; ')}`);
}
for (const { name, error } of [...failed, ...missing]) console.error(`${name}: ${error}`);
if (missing.length > 0) console.error(`NOT COMPARED: ${missing.map(({ name }) => name).join(', ')}`);
if (differing.length > 0) console.error(`Two builds differ: ${differing.join(', ')}`);
const bad = wrong.length + failed.length + differing.length + (allowMissing ? 0 : missing.length);
process.exitCode = bad > 0 ? 1 : 0;

/** Compiles both modules once more, in memory; the names of those that differ from the files of the build. */
async function compareBuilds() {
  const names = [];
  for (const tier of ['simd', 'relaxed']) {
    let second;
    const writeFile = (name, contents) => {
      if (name.endsWith('.wasm')) second = contents;
    };
    const { error } = await asc.main(['assembly/index.ts', '--target', tier], { writeFile });
    if (error) throw error;
    const same = readFileSync(`dist/wasm/${tier}.wasm`).equals(Buffer.from(second));
    console.log(`${tier}.wasm, ${second.length} bytes: two builds are ${same ? 'byte-identical' : 'DIFFERENT'}`);
    if (!same) names.push(`${tier}.wasm`);
  }
  return names;
}

/** Node, Bun and Deno; the flags take a compiler or an instruction set away. */
function commandLine() {
  const without = ['--liftoff-only', '--no-liftoff', '--no-enable-avx'];
  const flagged = RUNTIMES.filter(({ name }) => name === 'Node 24').flatMap(({ name, ...node }) =>
    without.map((flag) => ({ ...node, name: `${name} ${flag}`, start: [flag] })),
  );
  return [...RUNTIMES, ...flagged].map((runtime) => {
    const { name, file, start } = runtime;
    const error = missingRuntime(runtime);
    if (error !== undefined) return { name, missing: true, error };
    return measured(name, () => checked(JSON.parse(run(file, [...start, REPORT]))));
  });
}

/** Those that have SIMD. */
async function browsers() {
  const pages = await servePages();
  const rows = [];
  for (const browser of BROWSERS.filter(({ tiers }) => tiers.includes('simd'))) {
    const { name } = browser;
    const error = missingBrowser(browser);
    if (error !== undefined) {
      rows.push({ name, missing: true, error });
      continue;
    }
    try {
      const opened = await open(browser);
      try {
        rows.push({
          name,
          version: version(browser),
          ...checked(JSON.parse(await opened.page(pages.url({ run: 'bits' })))),
        });
      } finally {
        await opened.close();
      }
    } catch (failure) {
      rows.push({ name, error: failure.message });
    }
  }
  pages.close();
  return rows;
}

function measured(name, compute) {
  try {
    return { name, ...compute() };
  } catch (error) {
    return { name, error: error.message };
  }
}

function checked(report) {
  if (report.error !== undefined) throw new Error(report.error);
  if (report.tier !== 'simd') throw new Error(`expected the simd tier, got ${report.tier}`);
  return report;
}

function run(file, args) {
  const { status, stdout, stderr, error } = spawnSync(file, args, { encoding: 'utf8', timeout: SECONDS * 1000 });
  if (status !== 0) throw new Error(`${file} ended with ${status ?? error?.message}: ${stderr.trim()}`);
  return stdout;
}

function printTable(rows) {
  const lines = [['runtime', 'version', 'hash', 'same?']];
  for (const { name, version = '', hash = '', missing, error } of rows) {
    const verdict = missing
      ? 'MISSING'
      : error !== undefined
        ? 'FAILED'
        : hash === expected.hash
          ? 'same'
          : 'DIFFERENT';
    lines.push([name, version, hash.slice(0, 16), verdict]);
  }
  const widths = lines[0].map((_, k) => Math.max(...lines.map((line) => line[k].length)));
  console.log(`\nExpected ${expected.hash}\n`);
  for (const line of lines)
    console.log(
      line
        .map((cell, k) => cell.padEnd(widths[k]))
        .join('  ')
        .trimEnd(),
    );
  console.log('');
}
