// Equal bits: builds twice and compares the wasm files; then runs test/bits/batch.mjs over dist/, on the simd tier of
// every runtime that the project tests, and compares the hashes with the committed one (test/bits/expected.json).
//
//   npm run test:bits
//   npm run test:bits -- --allow-missing    a runtime that cannot be had here is reported, and is no failure
//   npm run test:bits -- --update           writes what this Node gives: for a kernel whose bits change on purpose
//
// The runtimes of test/bits/package.json are installed on demand; the browsers are those of the system
// (apt-get install chromium firefox-esr webkit2gtk-driver xvfb xauth).
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { browsers } from '../test/bits/browsers.mjs';

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

installRuntimes();
const rows = [...commandLine(), ...(await browsers(checked))];
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

/** Installs the pinned runtimes where a version is not the one asked for; what still lacks shows in the table. */
function installRuntimes() {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(`${FOLDER}/package.json`, 'utf8'));
  const wanted = Object.entries({ ...dependencies, ...optionalDependencies });
  const isThere = ([name, version]) => {
    const manifest = `${FOLDER}/node_modules/${name}/package.json`;
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version.split('@').pop();
  };
  if (wanted.every(isThere)) return;
  console.log(`Installing ${wanted.map(([name, version]) => `${name} ${version.split('@').pop()}`).join(', ')}`);
  spawnSync('npm', ['ci', '--prefix', FOLDER, '--no-audit', '--no-fund'], { stdio: 'inherit' });
}

/** Node, Bun and Deno; the flags take a compiler or an instruction set away. */
function commandLine() {
  const modules = `${FOLDER}/node_modules`;
  const node = (major, ...flags) => ({
    name: ['Node', major, ...flags].join(' '),
    file: `${modules}/node${major}/bin/node`,
    args: [...flags, REPORT],
  });
  const runtimes = [
    ...[20, 22, 24, 26].map((major) => node(major)),
    node(24, '--liftoff-only'),
    node(24, '--no-liftoff'),
    node(24, '--no-enable-avx'),
    { name: 'Bun', file: `${modules}/bun/bin/bun`, args: [REPORT] },
    { name: 'Deno', file: `${modules}/deno/deno`, args: ['run', '--allow-env', '--allow-read', REPORT] },
  ];
  return runtimes.map(({ name, file, args }) => {
    if (!existsSync(file)) return { name, missing: true, error: `${file} is not there` };
    return measured(name, () => checked(JSON.parse(run(file, args))));
  });
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
