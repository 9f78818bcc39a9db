// Runs test/bits/batch.mjs over dist/, on the simd tier of every runtime that the project tests, and compares the hashes
// with the committed one (test/bits/expected.json). With --update that is what this Node gives: for a kernel whose bits
// change on purpose.
import { readFileSync, writeFileSync } from 'node:fs';
import { BROWSERS } from '../../test/browsers/browsers.mjs';
import { servePages } from '../../test/browsers/pages.mjs';
import { RUNTIMES } from '../../test/runtimes/runtimes.mjs';
import { choose, conclude, missing, pagesOf, printTable, reportOf } from './places.mjs';

const EXPECTED = 'test/bits/expected.json';
const REPORT = 'test/bits/report.mjs';
const SECONDS = 120;
/** Each takes a compiler or an instruction set away from Node 24. */
const WITHOUT = ['--liftoff-only', '--no-liftoff', '--no-enable-avx'];

/** @param {import('../check.mjs').Asked} asked */
export async function run(asked) {
  if (asked.update) {
    const { hash, parts } = await reportOf({ file: process.execPath, start: [] }, REPORT, SECONDS);
    writeFileSync(EXPECTED, `${JSON.stringify({ hash, parts }, null, 2)}\n`);
  }
  const expected = JSON.parse(readFileSync(EXPECTED, 'utf8'));
  console.log(`${EXPECTED}: ${expected.hash}`);

  const withSimd = [...RUNTIMES, ...BROWSERS].filter(({ tiers }) => tiers.includes('simd'));
  const places = choose(withSimd, asked.words);
  const flagged = places
    .filter(({ name }) => name === 'Node 24')
    .flatMap((node) => WITHOUT.map((flag) => ({ ...node, name: `${node.name} ${flag}`, start: [flag] })));
  const pages = await servePages();
  const rows = [];
  for (const place of [...places, ...flagged]) rows.push(await hashed(place, pages, expected));
  pages.close();

  const cells = rows.map(({ name, version = '', hash = '', missing: why, problems }) => {
    const verdict = why ? 'MISSING' : problems.length === 0 ? 'same' : hash ? 'DIFFERENT' : 'FAILED';
    return [name, version, hash.slice(0, 16), verdict];
  });
  printTable([['runtime', 'version', 'hash', 'same?'], ...cells]);
  conclude(rows, asked);
}

async function hashed(place, pages, expected) {
  const { name } = place;
  if (missing(place)) return { name, missing: missing(place) };
  try {
    const { version, hash, parts } = await reported(place, pages);
    if (hash === expected.hash) return { name, version, hash, problems: [] };
    const names = Object.keys({ ...expected.parts, ...parts }).filter((part) => parts[part] !== expected.parts[part]);
    return { name, version, hash, problems: [`other bits of ${names.join('; ')}`] };
  } catch (error) {
    return { name, problems: [error.message] };
  }
}

async function reported(place, pages) {
  let report;
  if ('program' in place) {
    const { version, reports } = await pagesOf(place, [pages.url({ run: 'bits' })]);
    report = { version, ...reports[0] };
  } else report = await reportOf(place, REPORT, SECONDS);
  if (report.error !== undefined) throw new Error(report.error);
  if (report.tier !== 'simd') throw new Error(`expected the simd tier, got ${report.tier}`);
  return report;
}
