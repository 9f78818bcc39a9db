import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { clearTimeout, setTimeout } from 'node:timers';

const VITEST = 'node_modules/vitest/vitest.mjs';
const MINUTES = 60_000;
const LONGEST = 12 * MINUTES;

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

/**
 * Runs the suites of each target, as many targets at a time as there are cores; prints each file as it is done.
 *
 * @param {Target[]} targets
 * @returns {Promise<Row[]>} in the order of the targets
 */
export async function runSuites(targets) {
  if (targets.length === 0) throw new Error('nothing of that name to run on');
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
  await Promise.all(Array.from({ length: availableParallelism() }, work));
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

/** What is wrong with a row; a tier that ran nothing, and a test that was skipped, are. */
export function problemsOf({ error, counts = {}, failed = [], skipped = [], tiers = [] }) {
  if (error !== undefined) return [error];
  return [
    ...failed,
    ...skipped.map((test) => `skipped: ${test}`),
    ...tiers.filter((tier) => !counts[tier]).map((tier) => `no test ran on ${tier}`),
  ];
}

function summaryOf(row) {
  if (row.missing !== undefined) return `MISSING: ${row.missing}`;
  const passed = Object.values(row.counts ?? {}).reduce((a, b) => a + b, 0);
  const problems = problemsOf(row).length;
  return `${passed} passed, ${problems} failed${row.seconds === undefined ? '' : ` in ${row.seconds} s`}`;
}
