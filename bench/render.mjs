// Makes all that shows the committed results out of bench/results/*.json: bench/RESULTS.md, the charts docs/speed*.svg and
// docs/ways.svg, and what README.md and docs/batch.md hold between their marks. `npm run bench` and the other benchmarks
// call it; test/bench.test.ts fails where a file is not what it makes.
//
//   npm run bench:render
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readRecord, readRecords } from './record.mjs';
import { drawChart } from './report/chart.mjs';
import { commandLineOf } from './report/command-line.mjs';
import { resultsOf } from './report/markdown.mjs';
import { between } from './report/marks.mjs';
import { headlineOf } from './report/readme.mjs';
import { drawWays, waysOfBatch } from './report/ways.mjs';

const README = 'README.md';
const BATCH = 'docs/batch.md';
/** @type {[string, string]} */
const HEADLINE = ['<!-- npm run bench: begin -->', '<!-- npm run bench: end -->'];
/** @type {[string, string]} */
const WAYS = ['<!-- ways:begin -->', '<!-- ways:end -->'];
/** @type {[string, string]} */
const CLI = ['<!-- cli:begin -->', '<!-- cli:end -->'];

/** @returns {Promise<Record<string, string>>} the contents of each file, by its path */
export async function rendered() {
  const records = readRecords();
  const [main] = records;
  const [ways, cli] = [existing('ways'), existing('cli')];
  const batch = await between(readFileSync(BATCH, 'utf8'), BATCH, WAYS, waysOfBatch(ways));
  return {
    'bench/RESULTS.md': `${resultsOf(records)}\n`,
    [README]: await between(readFileSync(README, 'utf8'), README, HEADLINE, headlineOf(main)),
    [BATCH]: await between(batch, BATCH, CLI, commandLineOf(cli)),
    'docs/speed.svg': `${await drawChart(main, 'light')}\n`,
    'docs/speed-dark.svg': `${await drawChart(main, 'dark')}\n`,
    'docs/ways.svg': `${await drawWays(ways)}\n`,
  };
}

/** @param {string} id @returns {any} */
function existing(id) {
  const record = readRecord(id);
  if (record === null) throw new Error(`bench/results/${id}.json is missing: node bench/${id}.mjs makes it`);
  return record;
}

/** Writes them. @returns {Promise<string[]>} their paths */
export async function render() {
  const files = Object.entries(await rendered());
  for (const [file, contents] of files) writeFileSync(file, contents);
  return files.map(([file]) => file);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  console.log(`written: ${(await render()).join(', ')}`);
}
