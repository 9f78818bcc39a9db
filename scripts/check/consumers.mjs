// Consumers of the package as npm packs it: installs the tarball in each project of test/consumers, builds the project
// with its tool, runs what came out and checks the answers. How, says the project's check.mjs.
// With words those alone. The tools of test/consumers/*/package.json are installed on demand.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Browser } from '../../test/consumers/browser.mjs';
import { execute, startServer } from '../../test/consumers/programs.mjs';
import { serve } from '../../test/consumers/serve.mjs';
import { pack } from '../pack.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

const FOLDER = path.join(root, 'test/consumers');
/** A copy of this is in every consumer. */
const REPORT = path.join(FOLDER, 'report');
/** How many projects at a time: most of the tools use one core. */
const AT_ONCE = 2;
/** Those of a check of their own. The longest first here too, so that none runs alone at the end. */
const SLOW = ['next', 'vitest', 'metro', 'webpack4', 'runtimes', 'jest'];
const FIRST = [...SLOW, 'typescript', 'vite', 'webpack'];

// So that what was started ends too.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

const temporary = mkdtempSync(path.join(tmpdir(), 'softmax-simd-consumers-'));
process.once('exit', () => rmSync(temporary, { recursive: true, force: true }));
const browser = new Browser();

/** Those named, or all that are quick. @param {import('../check.mjs').Asked} asked */
export function run({ words }) {
  const all = allNames();
  const unknown = words.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`no consumer is called ${unknown.join(', ')}; there are ${all.join(', ')}`);
  return checkAll(words.length > 0 ? words : all.filter((name) => !SLOW.includes(name)));
}

export function runSlow() {
  return checkAll(SLOW);
}

function allNames() {
  return readdirSync(FOLDER).filter((name) => existsSync(path.join(FOLDER, name, 'check.mjs')));
}

/** @param {string[]} names */
async function checkAll(names) {
  try {
    const tarball = pack(temporary);
    console.log(`${path.basename(tarball)}: ${statSync(tarball).size} bytes`);
    const rank = (name) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
    const queue = names.toSorted((a, b) => rank(a) - rank(b));
    const passed = await Promise.all(Array.from({ length: AT_ONCE }, () => work(queue, tarball)));
    const failed = names.length - passed.reduce((a, b) => a + b, 0);
    const version = await browser.version();
    const where = `Node ${process.versions.node}${version ? `, Chromium ${version}` : ''}`;
    console.log(`\n${names.length - failed} passed, ${failed} failed; ${where}`);
    if (failed > 0) process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

/** Works the queue off. @returns how many passed */
async function work(queue, tarball) {
  let passed = 0;
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const folder = path.join(FOLDER, name);
    const what = `${name.padEnd(13)} ${versionsOf(folder)}`;
    const stops = [];
    try {
      const start = performance.now();
      await install(folder, tarball);
      const installing = secondsSince(start);
      const { default: check } = await import(pathToFileURL(path.join(folder, 'check.mjs')));
      const said = await check(tools(folder, tarball, stops));
      console.log(`ok      ${what}${said ? `; ${said}` : ''}; ${secondsSince(start)}, ${installing} of it to install`);
      passed++;
    } catch (error) {
      console.log(`FAILED  ${what}\n${error.stack.replace(/^/gm, '        ')}`);
    } finally {
      for (const stop of stops) stop();
    }
  }
  return passed;
}

/** What a check.mjs works with. */
function tools(folder, tarball, stops) {
  const programOf = (name) => (name === 'node' ? process.execPath : path.join(folder, 'node_modules/.bin', name));
  const untilEnd = ({ url, stop }) => {
    stops.push(stop);
    return url;
  };
  return {
    folder,
    /** What is installed. */
    tarball,
    /** Runs a program of the project's own, or node, which must not warn of anything; what it printed. */
    async run(program, ...args) {
      const { stdout, said } = await execute(folder, programOf(program), ...args);
      if (/warn|⚠/i.test(said)) throw new Error(`${program} warns:\n${said}`);
      return stdout;
    },
    /** Starts one that serves, the last argument being its flag for the port; the address. */
    start: async (program, ...args) => untilEnd(await startServer(folder, programOf(program), ...args)),
    /** Serves files of the project; the address. */
    serve: async (files = '.', headers = {}) => untilEnd(await serve(path.join(folder, files), headers)),
    /** What a page publishes in Chromium. */
    report: (url) => browser.report(url),
  };
}

/** Installs what the lock file names, then the tarball; neither where it is there already. */
async function install(folder, tarball) {
  const stamp = path.join(folder, 'node_modules/.installed.json');
  const found = existsSync(stamp) ? JSON.parse(readFileSync(stamp, 'utf8')) : {};
  const locked = ['package.json', 'package-lock.json'].map((name) => path.join(folder, name));
  const copied = readdirSync(REPORT).map((name) => path.join(REPORT, name));
  const wanted = { locked: digest(...locked, ...copied), tarball: digest(tarball) };
  const flags = ['--no-audit', '--no-fund', '--prefer-offline'];
  if (found.locked !== wanted.locked) {
    await execute(folder, 'npm', 'ci', ...flags);
    delete found.tarball;
  }
  if (found.tarball !== wanted.tarball) {
    await execute(folder, 'npm', 'install', '--no-save', '--no-package-lock', ...flags, tarball);
  }
  writeFileSync(stamp, JSON.stringify(wanted));
}

function digest(...files) {
  const hash = createHash('sha256').update(process.version);
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** The versions of what the project asks for: a lock file has them, and package.json the same. */
function versionsOf(folder) {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const asked = Object.entries({ ...dependencies, ...devDependencies });
  const versions = asked.filter(([, version]) => !version.startsWith('file:'));
  if (versions.length === 0) return `Node ${process.versions.node}`;
  return versions.map(([name, version]) => `${name} ${version.split('@').pop()}`).join(', ');
}

function secondsSince(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}
