// The suites on other runtimes and in browsers, on every tier that they have, workerd with the packed package; then what the
// package does there where something is missing. --update writes what was found to test/runtimes/matrix.json.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { clearTimeout, setTimeout } from 'node:timers';
import { BROWSERS, startDriver, version as versionOfBrowser } from '../../test/browsers/browsers.mjs';
import { RUNTIMES, versionOf, WORKERD } from '../../test/runtimes/runtimes.mjs';
import { fileOf, leftOut } from '../../test/runtimes/suites.mjs';
import { concludeMatrix, problemsOf } from '../matrix.mjs';
import { choose, missing } from './places.mjs';

const VITEST = 'node_modules/vitest/vitest.mjs';
const MINUTES = 60_000;
const LONGEST = 12 * MINUTES;
const CONFIG = ['--config', 'test/runtimes/environments.config.mjs'];

/**
 * @typedef {object} Target where a number of suites run, in one vitest
 * @property {string} name
 * @property {string} [version]
 * @property {string} [missing] why it cannot be had
 * @property {string[]} [start] the program that runs vitest, and its arguments before it
 * @property {string[]} [args] arguments of vitest
 * @property {string[]} [tiers] what must run there
 * @property {string[]} [lacks]
 * @property {() => Promise<{ env: Record<string, string>, stop: () => void }>} [prepare]
 *
 * @typedef {Target & { error?: string, seconds?: number, counts?: Record<string, number>, failed?: string[],
 *   skipped?: string[], environments?: object[] }} Row
 */

/** @param {import('../check.mjs').Asked} asked */
export async function onRuntimes(asked) {
  const chosen = choose([...RUNTIMES, WORKERD], asked.words);
  const runtimes = chosen.filter((place) => place !== WORKERD);
  for (const { name } of runtimes) console.log(`${name}: left out ${Object.keys(leftOut(name, ['simd'])).join(', ')}`);
  const targets = chosen.map((place) => {
    const why = missing(place);
    return { ...place, missing: why, ...(place === WORKERD ? ofWorkerd(why) : ofRuntime(place, why)) };
  });
  concludeMatrix(await runSuites([...targets, ...environments('runtimes', runtimes)]), asked);
}

function ofRuntime({ name, file, start, tiers }, why) {
  const suites = Object.keys(leftOut(name, tiers));
  return {
    version: why ? undefined : versionOf(file),
    suites: suites.join(),
    start: [file, ...start],
    args: suites.flatMap((suite) => ['--exclude', fileOf(suite)]),
  };
}

function ofWorkerd(why) {
  return {
    version: why ? undefined : versionOf(WORKERD.file, ['--version'], /[\d-]{10}/),
    suites: WORKERD.name,
    args: [...CONFIG, 'test/runtimes/workerd.suite.ts'],
  };
}

/** @param {import('../check.mjs').Asked} asked */
export async function inBrowsers(asked) {
  const chosen = choose(BROWSERS, asked.words);
  for (const [suite, why] of Object.entries(leftOut('browsers', []))) console.log(`left out: ${suite}: ${why}`);
  const targets = chosen.map((browser) => ({
    ...browser,
    version: missing(browser) ? undefined : versionOfBrowser(browser),
    missing: missing(browser),
    suites: 'browsers',
    args: ['--config', 'test/browsers/vitest.config.mjs'],
    prepare: async () => {
      const driver = browser.driver ? await startDriver(browser) : { port: 0, stop: () => {} };
      return { env: { SOFTMAX_BROWSER: browser.name, SOFTMAX_DRIVER_PORT: String(driver.port) }, stop: driver.stop };
    },
  }));
  // WebKit refuses arrays where other browsers run beside it: one at a time, after them.
  const others = targets.filter(({ driver }) => driver === undefined);
  const webKits = targets.filter(({ driver }) => driver !== undefined);
  const rows = await runSuites([...others, ...environments('browsers', chosen)]);
  concludeMatrix([...rows, ...(await runSuites(webKits, 1))], asked);
}

/** What the package does in the places where something is missing there. */
function environments(kind, places) {
  if (places.every(missing)) return [];
  const env = { SOFTMAX_ONLY: places.map(({ name }) => name).join(',') };
  return [
    {
      name: `environments of ${kind}`,
      args: [...CONFIG, `test/${kind}/environments.suite.ts`],
      prepare: async () => ({ env, stop: () => {} }),
    },
  ];
}

/**
 * Runs the suites of each target, so many targets at a time, by default as there are cores; prints each file as it is done.
 *
 * @param {Target[]} targets
 * @param {number} [atATime]
 * @returns {Promise<Row[]>} in the order of the targets
 */
async function runSuites(targets, atATime = availableParallelism()) {
  mkdirSync('build', { recursive: true });
  const rows = [];
  const queue = targets.map((target, i) => [i, target]);
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [i, target] = next;
      rows[i] = target.missing === undefined ? await runOne(target) : target;
      console.log(`[${target.name}] ${summaryOf(rows[i])}`);
    }
  };
  await Promise.all(Array.from({ length: atATime }, work));
  return rows;
}

async function runOne(target) {
  const { name, start = [process.execPath], args = [], tiers = [], lacks = [], prepare } = target;
  const report = `build/suites-${name.toLowerCase().replaceAll(/\W+/g, '-')}.json`;
  rmSync(report, { force: true });
  const begin = performance.now();
  let prepared;
  try {
    prepared = await prepare?.();
    const env = { ...process.env, SOFTMAX_TIERS: tiers.join(','), SOFTMAX_LACKS: lacks.join(','), ...prepared?.env };
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const [file, ...before] = start;
    // The targets are what runs side by side.
    const said = await runVitest(name, file, [...before, VITEST, 'run', '--maxWorkers=1', ...reporters, ...args], env);
    const seconds = Math.round((performance.now() - begin) / 1000);
    if (!existsSync(report)) return { ...target, seconds, error: `vitest gave no report:\n${said}` };
    return { ...target, seconds, ...read(JSON.parse(readFileSync(report, 'utf8')), said) };
  } catch (error) {
    return { ...target, error: error.message };
  } finally {
    prepared?.stop();
  }
}

/** What vitest said, once it has ended; a suite that is done is a line here too. */
async function runVitest(name, file, args, env) {
  const vitest = spawn(file, args, { env: { ...env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => vitest.kill(), LONGEST);
  const lines = [];
  for (const stream of [vitest.stdout, vitest.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      const done = /([✓❯×]) .*?(test\/\S+\.ts) (\(.*)/.exec(line);
      if (done) console.log(`[${name}] ${done[1]} ${done[2]} ${done[3]}`);
    });
  }
  await new Promise((ended, failed) => vitest.once('error', failed).once('close', ended));
  clearTimeout(timer);
  return lines.slice(-60).join('\n');
}

/** How the title of a test, or of a suite that it is in, ends where it is of one tier. */
const TIER = /(?:, | on )'?(relaxed|simd|scalar)'?$/;

/** Counts what passed by tier, and names what did not. */
function read({ success, testResults }, said) {
  const counts = {};
  const failed = [];
  const skipped = [];
  const environments = [];
  for (const { name, message, status, assertionResults } of testResults) {
    const file = name.slice(name.lastIndexOf('/') + 1);
    // a suite that did not even load has no tests
    if (status !== 'passed' && assertionResults.every((test) => test.status !== 'failed')) {
      failed.push(`${file}: ${message}`);
    }
    for (const { ancestorTitles, title, fullName, status: outcome, failureMessages, meta } of assertionResults) {
      const tier = [...ancestorTitles, title].map((text) => TIER.exec(text)?.[1]).find(Boolean);
      if (outcome === 'passed') counts[tier ?? 'any'] = (counts[tier ?? 'any'] ?? 0) + 1;
      else if (outcome === 'failed') failed.push(`${file}: ${fullName}\n${failureMessages.join('\n')}`);
      else skipped.push(`${file}: ${fullName}`);
      if (outcome === 'passed' && meta.environment) environments.push(meta.environment);
    }
  }
  if (!success && failed.length === 0) failed.push(`vitest failed beside its tests:\n${said}`);
  return { counts, failed, skipped, environments };
}

function summaryOf(row) {
  if (row.missing !== undefined) return `MISSING: ${row.missing}`;
  const passed = Object.values(row.counts ?? {}).reduce((a, b) => a + b, 0);
  const problems = problemsOf(row).length;
  return `${passed} passed, ${problems} failed${row.seconds === undefined ? '' : ` in ${row.seconds} s`}`;
}
