// Makes all that shows the committed results out of bench/results/*.json: bench/RESULTS.md, the charts docs/speed*.svg,
// and the table of README.md between its two marks. `npm run bench` calls it; test/bench.test.ts fails where a file is
// not what it makes.
//
//   npm run bench:render
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { readRecords } from './record.mjs';
import { drawChart } from './report/chart.mjs';
import { resultsOf } from './report/markdown.mjs';
import { headlineOf } from './report/readme.mjs';

const README = 'README.md';
const [BEGIN, END] = ['<!-- npm run bench: begin -->', '<!-- npm run bench: end -->'];

/** @returns {Promise<Record<string, string>>} the contents of each file, by its path */
export async function rendered() {
  const records = readRecords();
  const [main] = records;
  const [before, rest = ''] = readFileSync(README, 'utf8').split(BEGIN);
  const [, after] = rest.split(END);
  if (after === undefined) throw new Error(`${README} lacks its marks ${BEGIN} and ${END}`);
  const readme = `${before}${BEGIN}\n\n${headlineOf(main)}\n\n${END}${after}`;
  return {
    'bench/RESULTS.md': `${resultsOf(records)}\n`,
    [README]: await pretty(readme, README),
    'docs/speed.svg': `${await drawChart(main, 'light')}\n`,
    'docs/speed-dark.svg': `${await drawChart(main, 'dark')}\n`,
  };
}

/** Writes them. @returns {Promise<string[]>} their paths */
export async function render() {
  const files = Object.entries(await rendered());
  for (const [file, contents] of files) writeFileSync(file, contents);
  return files.map(([file]) => file);
}

/** @param {string} text @param {string} filepath */
async function pretty(text, filepath) {
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  console.log(`written: ${(await render()).join(', ')}`);
}
