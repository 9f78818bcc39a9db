// The support matrix: what runs of the suites found, printed, and kept in test/runtimes/matrix.json, which
// docs/environments.md shows (test/docs/matrix.test.ts compares).
import { readFileSync, writeFileSync } from 'node:fs';
import { conclude, printTable } from './check/places.mjs';

const FILE = new URL('../test/runtimes/matrix.json', import.meta.url);
const DOCUMENT = new URL('../docs/environments.md', import.meta.url);
export const TIERS = ['relaxed', 'simd', 'scalar'];

/**
 * Prints the rows, and compares them with the committed matrix, or writes it; the exit code is 1 where something failed,
 * was missing or differs.
 *
 * @param {import('./check/suites.mjs').Row[]} rows
 * @param {import('./check.mjs').Asked} asked
 */
export function concludeMatrix(rows, asked) {
  printTiers(rows.filter(({ tiers }) => tiers !== undefined));
  printEnvironments(rows.flatMap(({ environments = [] }) => environments));
  const known = rows.map((row) => ({ ...row, problems: row.missing === undefined ? problemsOf(row) : [] }));
  const between = { name: 'between runtimes', problems: unequal(rows) };
  if (conclude([...known, between], asked) && !keep(rows, asked.update)) process.exitCode = 1;
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

/** Compares the rows with the file's, or puts them there and into the document; false where they differ. */
function keep(rows, update) {
  const present = rows.filter((row) => row.missing === undefined);
  const matrix = readMatrix();
  const found = {
    runtimes: present
      .filter(({ tiers }) => tiers !== undefined)
      .map(({ name, version, counts }) => ({ name, version, tiers: TIERS.filter((tier) => counts[tier] > 0) })),
    environments: present
      .flatMap(({ environments = [] }) => environments)
      .map(({ where, runtime, tier }) => ({ where, runtime, tier })),
  };
  const ran = found.runtimes.map(({ name }) => name);
  if (update) {
    write({
      runtimes: merged(matrix.runtimes, found.runtimes, ({ name }) => name),
      environments: merged(
        matrix.environments.filter((row) => !ran.includes(row.runtime) || found.environments.some(isSame(row))),
        found.environments,
        ({ where, runtime }) => `${where} ${runtime}`,
      ),
    });
    return true;
  }
  const differing = [
    ...found.runtimes.filter((row) => !matrix.runtimes.some(isSame(row))),
    ...found.environments.filter((row) => !matrix.environments.some(isSame(row))),
  ];
  const gone = matrix.environments.filter((row) => ran.includes(row.runtime) && !found.environments.some(isSame(row)));
  for (const row of differing) console.error(`not in test/runtimes/matrix.json (--update): ${JSON.stringify(row)}`);
  for (const row of gone) console.error(`in test/runtimes/matrix.json, but was not found: ${JSON.stringify(row)}`);
  return differing.length + gone.length === 0;
}

/** Versions do not count: those of the browsers are the system's. */
function isSame(a) {
  const key = ({ name, tiers, where, runtime, tier }) => JSON.stringify({ name, tiers, where, runtime, tier });
  return (b) => key(a) === key(b);
}

/** The rows found in the places of those they replace, new ones at the end. */
function merged(old, rows, keyOf) {
  const kept = old.map((row) => rows.find((found) => keyOf(found) === keyOf(row)) ?? row);
  return [...kept, ...rows.filter((row) => !old.some((before) => keyOf(before) === keyOf(row)))];
}

export function readMatrix() {
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

function write(matrix) {
  // A row a line.
  const lists = Object.entries(matrix).map(([name, rows]) => {
    return `  "${name}": [\n${rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]`;
  });
  writeFileSync(FILE, `{\n${lists.join(',\n')}\n}\n`);
  const text = readFileSync(DOCUMENT, 'utf8');
  writeFileSync(DOCUMENT, Object.values(documentTables(matrix)).reduce(withTable, text));
  console.log('test/runtimes/matrix.json and the tables of docs/environments.md are written');
}

/** The text with the table in the place of the one that begins alike. */
function withTable(text, table) {
  const [title] = /^\| \w+ /.exec(table);
  const start = text.indexOf(`\n${title}`) + 1;
  if (start === 0) throw new Error(`docs/environments.md has no table that begins with "${title}"`);
  return `${text.slice(0, start)}${table}${text.slice(text.indexOf('\n\n', start))}`;
}

/** The document's tables, as Prettier has them: what runs on each runtime, and what is left where something is missing. */
export function documentTables({ runtimes, environments }) {
  const tiers = (row) => TIERS.map((tier) => (row.tiers.includes(tier) ? '✓' : '–'));
  const wheres = [...new Set(environments.map(({ where }) => where))];
  return {
    runtimes: markdown([
      ['runtime', 'tested with', ...TIERS.map((tier) => `\`${tier}\``)],
      ...runtimes.map((row) => [row.name, row.version, ...tiers(row)]),
    ]),
    environments: markdown([
      ['where', 'tier', 'tried in'],
      ...wheres.map((where) => {
        const rows = environments.filter((row) => row.where === where);
        return [where, tierOf(rows, runtimes), rows.map(({ runtime }) => runtime).join(', ')];
      }),
    ]),
  };
}

/** One name for the tiers of several runtimes. */
function tierOf(rows, runtimes) {
  const usual = rows.every(({ runtime, tier }) => tier === runtimes.find(({ name }) => name === runtime)?.tiers[0]);
  return usual ? 'the usual' : [...new Set(rows.map(({ tier }) => `\`${tier}\``))].join(', ');
}

function markdown([head, ...rows]) {
  const widths = head.map((_, k) => Math.max(3, ...[head, ...rows].map((row) => row[k].length)));
  const line = (cells) => `| ${cells.map((cell, k) => cell.padEnd(widths[k])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
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
    ['where', 'tried in', 'tier', 'reason'],
    ...environments.map(({ where, runtime, tier, reason }) => [where, runtime, tier, short(reason ?? 'null')]),
  ]);
}

const short = (text) => (text.length > 120 ? `${text.slice(0, 117)}...` : text);
