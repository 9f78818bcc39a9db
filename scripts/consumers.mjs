// Consumers of the package as npm packs it: installs the tarball in each project of test/consumers, builds the project
// with its tool, runs what came out and checks the answers.
//
//   npm run test:consumers
//   npm run test:consumers -- vite next     these alone
//
// The tools of test/consumers/*/package.json are installed on demand; Chromium is the system's (apt-get install chromium).
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { Browser } from '../test/consumers/browser.mjs';
import { serve } from '../test/consumers/serve.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const FOLDER = path.join(root, 'test/consumers');
/** The driver of the browsers: a package, and no consumer. */
const DRIVER = FOLDER;
/** A copy of this is in every consumer. */
const REPORT = path.join(FOLDER, 'report');
/** How many projects at a time: most of the time goes into tools that use one core. */
const AT_ONCE = 2;
const SECONDS = 180;
/** The longest first, so that none runs alone at the end. */
const FIRST = ['next', 'typescript', 'vite', 'webpack'];

const ENV = { ...process.env, NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', npm_config_loglevel: 'error' };
delete ENV.FORCE_COLOR;
delete ENV.NODE_ENV;

const names = chosen(process.argv.slice(2));
const temporary = mkdtempSync(path.join(tmpdir(), 'softmax-simd-consumers-'));
const browser = new Browser();
const failures = [];
try {
  const begin = performance.now();
  await execute(root, 'npm', ['run', '--silent', 'build']);
  const tarball = await pack();
  await install(DRIVER, null);
  const queue = [...names];
  await Promise.all(Array.from({ length: AT_ONCE }, () => work(queue, tarball)));
  const version = await browser.version();
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  const where = `Node ${process.versions.node}${version ? `, Chromium ${version}` : ''}`;
  console.log(`\n${names.length - failures.length} passed, ${failures.length} failed; ${where}; ${seconds} s`);
} finally {
  await browser.close();
  rmSync(temporary, { recursive: true, force: true });
}
process.exitCode = failures.length > 0 ? 1 : 0;

function chosen(asked) {
  const all = readdirSync(FOLDER).filter((name) => existsSync(path.join(FOLDER, name, 'check.mjs')));
  const unknown = asked.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`no consumer is called ${unknown.join(', ')}; there are ${all.join(', ')}`);
  const rank = (name) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return (asked.length > 0 ? asked : all).sort((a, b) => rank(a) - rank(b));
}

async function pack() {
  const printed = await execute(root, 'npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', temporary]);
  const [{ filename, size, unpackedSize }] = JSON.parse(printed);
  console.log(`${filename}: ${size} bytes, ${unpackedSize} unpacked`);
  return path.join(temporary, filename);
}

async function work(queue, tarball) {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const begin = performance.now();
    const folder = path.join(FOLDER, name);
    const stops = [];
    let line;
    try {
      await install(folder, tarball);
      const installed = performance.now();
      const { default: check } = await import(pathToFileURL(path.join(folder, 'check.mjs')));
      const said = await check(tools(folder, stops));
      const [a, b] = [installed - begin, performance.now() - installed].map((ms) => `${(ms / 1000).toFixed(1)} s`);
      line = `ok      ${name.padEnd(13)} ${versionsOf(folder)}${said ? `; ${said}` : ''} (${a} to install, ${b})`;
    } catch (error) {
      failures.push(name);
      line = `FAILED  ${name.padEnd(13)} ${versionsOf(folder)}\n${indented(error.stack)}`;
    } finally {
      for (const stop of stops) stop();
    }
    console.log(line);
  }
}

/** What a check.mjs works with. */
function tools(folder, stops) {
  const start = async (command, ...args) => {
    const server = await startServer(folder, command, args);
    stops.push(server.stop);
    return server.url;
  };
  start.freePort = freePort;
  return {
    folder,
    /** Runs a program of the project's own, or node; what it printed. */
    run: (command, ...args) => execute(folder, programOf(folder, command), args),
    /** Starts one that serves; its address. */
    start,
    /** Serves files of the project; the address. */
    async serve(files = '.', headers = {}) {
      const { url, close } = await serve(path.join(folder, files), headers);
      stops.push(close);
      return url;
    },
    /** What a page publishes in Chromium. */
    report: (url, options) => browser.report(url, options),
  };
}

function programOf(folder, command) {
  return command === 'node' ? process.execPath : path.join(folder, 'node_modules/.bin', command);
}

/** Installs what the lock file names, then the tarball; neither where it is there already. */
async function install(folder, tarball) {
  const stamp = path.join(folder, 'node_modules/.installed.json');
  const locked = ['package.json', 'package-lock.json'].map((name) => path.join(folder, name));
  const copied = readdirSync(REPORT).map((name) => path.join(REPORT, name));
  const wanted = {
    locked: digest(...locked, ...copied),
    tarball: tarball && digest(tarball),
  };
  const found = existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : {};
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline'];
  if (found.locked !== wanted.locked) await execute(folder, 'npm', ['ci', ...quiet]);
  if (tarball && (found.locked !== wanted.locked || found.tarball !== wanted.tarball)) {
    await execute(folder, 'npm', ['install', '--no-save', '--no-package-lock', ...quiet, tarball]);
  }
  writeFileSync(stamp, JSON.stringify(wanted));
}

function digest(...files) {
  const hash = createHash('sha256').update(process.version);
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** The versions that npm installed of what the project asks for. */
function versionsOf(folder) {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const asked = { ...dependencies, ...devDependencies };
  const entries = Object.entries(asked).filter(([, version]) => !version.startsWith('file:'));
  if (entries.length === 0) return `Node ${process.versions.node}`;
  return entries.map(([name, version]) => `${name} ${version.split('@').pop()}`).join(', ');
}

/** Runs a program to its end; stdout, or an error that holds all that it said. */
function execute(cwd, command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: ENV, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => (stdout += data));
    child.stderr.on('data', (data) => (stderr += data));
    const timer = setTimeout(() => child.kill('SIGKILL'), SECONDS * 1000);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(stdout);
      reject(new Error(`${[command, ...args].join(' ')} ended with ${code ?? signal}:\n${stdout}${stderr}`));
    });
  });
}

/** Starts a server in a process group of its own; it is ready when it prints its address. */
function startServer(cwd, command, args) {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: ENV, stdio: ['ignore', 'pipe', 'pipe'], detached: true };
    const child = spawn(programOf(cwd, command), args, options);
    const stop = () => {
      process.removeListener('exit', stop);
      if (child.exitCode === null) process.kill(-child.pid);
    };
    process.once('exit', stop);
    let said = '';
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`${command} printed no address in ${SECONDS} s:\n${said}`));
    }, SECONDS * 1000);
    const read = (data) => {
      said += stripVTControlCharacters(String(data));
      const url = /http:\/\/127\.0\.0\.1:\d+\/?/.exec(said)?.[0];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve({ url, stop });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${command} ended with ${code}:\n${said}`)));
  });
}

async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return String(port);
}

function indented(text) {
  return text.replace(/^/gm, '        ');
}
