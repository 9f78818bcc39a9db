// Equal bits: builds twice and compares the wasm files; then runs test/bits/batch.mjs over dist/, on the simd tier of
// every runtime that the project tests, and compares the hashes with the committed one (test/bits/expected.json).
//
//   npm run test:bits
//   npm run test:bits -- --allow-missing    a runtime that cannot be had here is reported, and is no failure
//   npm run test:bits -- --update           writes what this Node gives: for a kernel whose bits change on purpose
//
// The runtimes of test/bits/package.json are installed on demand; Chromium and Firefox are those of the system
// (apt-get install chromium firefox-esr).
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const FOLDER = 'test/bits';
const EXPECTED = `${FOLDER}/expected.json`;
const REPORT = `${FOLDER}/report.mjs`;
const SECONDS = 120;

/** It runs as root, and talks to nobody. */
const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const PAGE = `<!doctype html>
<title>softmax-simd: equal bits</title>
<script type="importmap">{ "imports": { "#wasm-modules": "/dist/wasm/modules.js" } }</script>
<script type="module">
  try {
    const { createEngine } = await import('/dist/index.js');
    const { hashOf } = await import('/test/bits/batch.mjs');
    const engine = createEngine({ tier: 'simd' });
    globalThis.report = JSON.stringify({ tier: engine.tier, ...(await hashOf(engine)) });
  } catch (error) {
    globalThis.report = JSON.stringify({ error: String(error) });
  }
</script>
`;

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
    { name: 'Bun', file: `${modules}/.bin/bun`, args: [REPORT] },
    { name: 'Deno', file: `${modules}/.bin/deno`, args: ['run', '--allow-env', '--allow-read', REPORT] },
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

async function browsers() {
  const system = [
    {
      name: 'Chromium',
      type: 'chromium',
      file: onPath(['chromium', 'chromium-browser', 'google-chrome']),
      options: { args: CHROMIUM_ARGUMENTS },
    },
    { name: 'Firefox', type: 'firefox', file: onPath(['firefox-esr', 'firefox']), options: { channel: 'moz-firefox' } },
  ];
  const server = createServer(serve);
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const page = `http://127.0.0.1:${server.address().port}/`;
  const rows = [];
  for (const { name, type, file, options } of system) {
    if (file === undefined) {
      rows.push({ name, missing: true, error: `no ${name} on the PATH` });
      continue;
    }
    try {
      rows.push({ name, ...(await openPage(type, { ...options, executablePath: file }, page)) });
    } catch (error) {
      const missing = error.code === 'MODULE_NOT_FOUND';
      rows.push({ name, missing, error: error.message });
    }
  }
  server.close();
  return rows;
}

async function openPage(type, options, url) {
  const playwright = createRequire(path.resolve(FOLDER, 'package.json'))('playwright-core');
  const browser = await playwright[type].launch({ headless: true, ...options, timeout: SECONDS * 1000 });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await page.waitForFunction('globalThis.report !== undefined', undefined, { timeout: SECONDS * 1000 });
    return { version: browser.version(), ...checked(JSON.parse(await page.evaluate('globalThis.report'))) };
  } finally {
    await browser.close();
  }
}

/** The page, and the files that it imports. */
function serve(request, response) {
  const { pathname } = new URL(request.url, 'http://127.0.0.1');
  if (pathname === '/') {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(PAGE);
    return;
  }
  const file = path.join(root, pathname);
  if (!/^\/(dist|test\/bits)\/[\w./-]+\.m?js$/.test(pathname) || pathname.includes('..') || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('content-type', 'text/javascript; charset=utf-8');
  createReadStream(file).pipe(response);
}

/** The first of these programs that the PATH has. */
function onPath(names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => existsSync(file));
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
