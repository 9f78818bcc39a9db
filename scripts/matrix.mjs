// The support matrix: what runs of the suites found, printed, and kept in test/runtimes/matrix.json, which the README
// shows (test/matrix.test.ts).
import { readFileSync, writeFileSync } from 'node:fs';
import { problemsOf } from './run-suites.mjs';

const FILE = new URL('../test/runtimes/matrix.json', import.meta.url);
export const TIERS = ['relaxed', 'simd', 'scalar'];

/**
 * Prints the rows, and compares them with the committed matrix; the exit code is 1 where something failed, was missing
 * or differs.
 *
 * @param {import('./run-suites.mjs').Row[]} rows
 * @param {string[]} args of the command: --allow-missing, --update
 */
export function conclude(rows, args) {
  printTiers(rows.filter(({ tiers }) => tiers !== undefined));
  printEnvironments(rows.flatMap(({ environments = [] }) => environments));
  let bad = false;
  for (const row of rows) {
    for (const problem of problemsOf(row)) {
      if (row.missing !== undefined) break;
      console.error(`${row.name}: ${problem}\n`);
      bad = true;
    }
  }
  for (const problem of unequal(rows)) {
    console.error(problem);
    bad = true;
  }
  const missing = rows.filter((row) => row.missing !== undefined);
  for (const { name, missing: why } of missing) console.error(`NOT TESTED: ${name}: ${why}`);
  if (missing.length > 0 && !args.includes('--allow-missing')) bad = true;
  if (!bad) bad = !keep(rows, args.includes('--update'));
  process.exitCode = bad ? 1 : 0;
}

/** A tier has as many tests on one runtime as on another that runs the same suites: none gets lost on the way. */
function unequal(rows) {
  const seen = new Map();
  const problems = [];
  for (const { name, suites, counts, tiers = [] } of rows) {
    for (const tier of tiers) {
      if (!counts?.[tier]) continue;
      const key = `${suites} ${tier}`;
      const first = seen.get(key) ?? { name, count: counts[tier] };
      seen.set(key, first);
      if (first.count !== counts[tier]) {
        problems.push(`${tier}: ${counts[tier]} tests on ${name}, but ${first.count} on ${first.name}`);
      }
    }
  }
  return problems;
}

/** Compares the rows with the file's, or puts them there; false where they differ. Versions do not count. */
function keep(rows, update) {
  const present = rows.filter((row) => row.missing === undefined);
  const matrix = readMatrix();
  const found = {
    runtimes: present
      .filter(({ tiers }) => tiers !== undefined)
      .map(({ name, version, counts }) => ({ name, version, tiers: TIERS.filter((tier) => counts[tier] > 0) })),
    environments: present.flatMap(({ environments = [] }) => environments).map(withoutReason),
  };
  if (update) {
    writeFileSync(FILE, `${JSON.stringify(merged(matrix, found), null, 2)}\n`);
    console.log(`${FILE.pathname} is written`);
    return true;
  }
  const differing = [
    ...found.runtimes.filter((row) => !sameTiers(row, matrix.runtimes.find(isSameRuntime(row)))),
    ...found.environments.filter((row) => row.tier !== matrix.environments.find(isSameEnvironment(row))?.tier),
  ];
  for (const row of differing)
    console.error(`not what test/runtimes/matrix.json has (--update): ${JSON.stringify(row)}`);
  return differing.length === 0;
}

export function readMatrix() {
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

const isSameRuntime = (a) => (b) => a.name === b.name;
const isSameEnvironment = (a) => (b) => a.lacks === b.lacks && a.runtime === b.runtime;
const sameTiers = (a, b) => b !== undefined && a.tiers.join() === b.tiers.join();
const withoutReason = ({ lacks, runtime, tier }) => ({ lacks, runtime, tier });

/** The rows found in the places of those they replace, new ones at the end. */
function merged(matrix, found) {
  const put = (old, rows, isSame) => [
    ...old.map((row) => rows.find(isSame(row)) ?? row),
    ...rows.filter((row) => !old.some(isSame(row))),
  ];
  return {
    runtimes: put(matrix.runtimes, found.runtimes, isSameRuntime),
    environments: put(matrix.environments, found.environments, isSameEnvironment),
  };
}

function printTiers(rows) {
  const cell = ({ missing, error, counts, tiers }, tier) => {
    if (missing !== undefined) return 'MISSING';
    if (!tiers.includes(tier)) return '-';
    return error === undefined ? String(counts[tier] ?? 0) : 'FAILED';
  };
  printTable([
    ['tests passed on', 'version', ...TIERS, 'of no tier', 'failed', 'seconds'],
    ...rows.map((row) => [
      row.name,
      row.version ?? '',
      ...TIERS.map((tier) => cell(row, tier)),
      String(row.counts?.any ?? 0),
      String(row.missing === undefined ? problemsOf(row).length : ''),
      String(row.seconds ?? ''),
    ]),
  ]);
}

function printEnvironments(environments) {
  if (environments.length === 0) return;
  printTable([
    ['without', 'in', 'tier', 'reason'],
    ...environments.map(({ lacks, runtime, tier, reason }) => [lacks, runtime, tier, short(reason ?? 'null')]),
  ]);
}

const short = (text) => (text.length > 120 ? `${text.slice(0, 117)}...` : text);

function printTable(lines) {
  const widths = lines[0].map((_, k) => Math.max(...lines.map((line) => line[k].length)));
  const text = lines.map((line) => line.map((cell, k) => cell.padEnd(widths[k])).join('  '));
  console.log(`\n${text.map((line) => line.trimEnd()).join('\n')}\n`);
}
