// Softmax and log-softmax of this package and of others on the same rows, against float64.
//
//   npm run accuracy
//
// Installs bench/peers on demand, and measures on the Node that runs it; where that one has no relaxed SIMD, the relaxed
// tier on the Node 24 of test/node24. Writes bench/results/accuracy.json, the chart docs/accuracy.svg, and the tables of
// docs/accuracy.md between its two marks.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { relaxedNode } from '../scripts/relaxed-node.mjs';
import { install } from './runtimes/install.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
await import('../scripts/build.mjs');
const { drawChart } = await import('./accuracy/chart.mjs');
const { tablesOf } = await import('./accuracy/tables.mjs');

const PEERS = 'bench/peers';
const RESULT = 'bench/results/accuracy.json';
const DOCUMENT = 'docs/accuracy.md';
const CHART = 'docs/accuracy.svg';
const [BEGIN, END] = ['<!-- npm run accuracy: begin -->', '<!-- npm run accuracy: end -->'];
const OTHERS = ['loop', 'tfjs-cpu', 'tfjs-wasm', 'ort-web', 'ort-node'];

const relaxed = relaxedNode();
if (relaxed === null) throw new Error('a Node with relaxed SIMD cannot be had here');
install(PEERS, 'the packages of bench/peers (600 MB)');
// One process each: onnxruntime-node and onnxruntime-web in one answer with the same backend.
const measured = [
  measure(relaxed, 'relaxed'),
  ...['simd', 'scalar', ...OTHERS].map((id) => measure(process.execPath, id)),
];
const record = {
  command: 'npm run accuracy',
  cpu: cpus()[0].model.trim(),
  system: `${process.platform} ${process.arch}`,
  implementations: measured.map(({ implementation }) => implementation),
  results: measured.flatMap(({ results }) => results),
};

mkdirSync('bench/results', { recursive: true });
writeFileSync(RESULT, `${JSON.stringify(record, null, 2)}\n`);
writeFileSync(CHART, await drawChart(record));
const text = readFileSync(DOCUMENT, 'utf8');
const [before, rest = ''] = text.split(BEGIN);
const [, after] = rest.split(END);
if (after === undefined) throw new Error(`${DOCUMENT} lacks its marks ${BEGIN} and ${END}`);
writeFileSync(DOCUMENT, `${before}${BEGIN}\n\n${tablesOf(record)}\n\n${END}${after}`);
console.log(`written: ${RESULT}, ${CHART}, ${DOCUMENT}`);

/** @param {string} node @param {string} id */
function measure(node, id) {
  console.error(`measuring ${id}`);
  const child = spawnSync(node, ['bench/accuracy/measure.mjs', id], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
  });
  if (child.status !== 0) throw new Error(`no measure of ${id}: ${child.error?.message ?? child.stderr}`);
  return JSON.parse(child.stdout.trim().split('\n').at(-1) ?? '');
}
