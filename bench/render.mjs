// Makes all that shows the committed results out of bench/results/*.json: bench/RESULTS.md, the charts in docs/, and what
// README.md and documents hold between their marks. Every benchmark ends with it, and test/docs/bench.test.ts fails where a file
// is not what it makes.
//
//   npm run bench -- --render
import { readFileSync, writeFileSync } from 'node:fs';
import { COMMITTED, PARTIAL, readRecord, readRecords, surroundings, writeRecord } from './record.mjs';
import { drawAccuracy } from './report/accuracy-chart.mjs';
import { accuracyOf } from './report/accuracy.mjs';
import { drawChart } from './report/chart.mjs';
import { clickHouseOf } from './report/clickhouse.mjs';
import { commandLineOf } from './report/command-line.mjs';
import { decisionsOf } from './report/decisions.mjs';
import { between } from './report/marks.mjs';
import { drawPool, poolOf } from './report/pool.mjs';
import { headlineOf } from './report/headline.mjs';
import { speedOf } from './report/readme.mjs';
import { resultsOf } from './report/results.mjs';
import { rowsOf } from './report/rows.mjs';
import { drawWays, waysOfBatch } from './report/ways.mjs';

/** @returns {Promise<Record<string, string>>} the contents of each file, by its path */
export async function rendered() {
  const records = readRecords();
  const [main] = records;
  const inPages = ['chromium', 'firefox'].map((id) => existing(id, 'npm run bench'));
  const [ways, cli, clickhouse] = ['ways', 'cli', 'clickhouse'].map((id) => existing(id, `node bench/${id}.mjs`));
  const accuracy = existing('accuracy', 'npm run accuracy');
  const pools = ['pool-node20', 'pool-node24'].map((id) => existing(id, 'node bench/pool.mjs'));
  return {
    'bench/RESULTS.md': `${resultsOf(records)}\n`,
    'README.md': await page('README.md', { 'npm run bench: ': speedOf([main, ...inPages]) }),
    'docs/accuracy.md': await page('docs/accuracy.md', { 'npm run accuracy: ': accuracyOf(accuracy) }),
    'docs/batch.md': await page('docs/batch.md', {
      'ways:': waysOfBatch(ways),
      'cli:': commandLineOf(cli),
      'pool:': poolOf(pools),
    }),
    'docs/performance.md': await page('docs/performance.md', {
      'npm run bench: ': headlineOf(main),
      'node bench/rows.mjs: ': rowsOf(existing('rows', 'node bench/rows.mjs')),
      'node bench/decisions.mjs: ': decisionsOf(existing('decisions', 'node bench/decisions.mjs')),
    }),
    'docs/clickhouse.md': await page('docs/clickhouse.md', { 'node bench/clickhouse.mjs: ': clickHouseOf(clickhouse) }),
    'docs/accuracy.svg': `${await drawAccuracy(accuracy)}\n`,
    'docs/pool.svg': `${await drawPool(pools)}\n`,
    'docs/speed.svg': `${await drawChart(main, 'light')}\n`,
    'docs/speed-dark.svg': `${await drawChart(main, 'dark')}\n`,
    'docs/ways.svg': `${await drawWays(ways)}\n`,
  };
}

/** A document as it is, with each part between the marks of its name. @param {string} file @param {Record<string, string>} parts */
async function page(file, parts) {
  let text = readFileSync(file, 'utf8');
  for (const [name, part] of Object.entries(parts)) {
    text = await between(text, file, [`<!-- ${name}begin -->`, `<!-- ${name}end -->`], part);
  }
  return text;
}

/** @param {string} id @param {string} command @returns {any} */
function existing(id, command) {
  const record = readRecord(id);
  if (record === null) throw new Error(`bench/results/${id}.json is missing: ${command} makes it`);
  return record;
}

/** Writes them. @returns {Promise<string[]>} their paths */
export async function render() {
  const files = Object.entries(await rendered());
  for (const [file, contents] of files) writeFileSync(file, contents);
  return files.map(([file]) => file);
}

/**
 * Writes what a benchmark of its own has measured in this Node; where nothing was left out, to what is committed, and the
 * documents with it.
 *
 * @param {string} id
 * @param {boolean} whole
 * @param {{ command: string, results: any[], [more: string]: any }} record
 */
export async function keep(id, whole, record) {
  const { node, v8 } = process.versions;
  const runtime = { id: `node${node.split('.')[0]}`, name: `Node ${node}`, version: node, engine: `V8 ${v8}` };
  console.log(writeRecord(whole ? COMMITTED : PARTIAL, { runtime, ...surroundings(), ...record }, id));
  if (whole) console.log(`written: ${(await render()).join(', ')}`);
}
