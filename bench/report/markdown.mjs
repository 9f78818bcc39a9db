import { ENGINE_IDS, PACKAGES, SUBJECTS } from '../engines/names.mjs';
import { opOf, OPS } from '../ops.mjs';
import { shapeName, shapeOf, SHAPES } from '../shapes.mjs';
import { CANCELLED, TOLERANCE } from '../suite/agree.mjs';
import { detailsOf, headOf } from './details.mjs';
import { fastestTier, find, perElement, ratio, shapesOf, subjectsOf, three, times } from './figures.mjs';
import { goalsOf } from './goals.mjs';
import { sideBySide } from './side-by-side.mjs';

/** bench/RESULTS.md of the committed records. Its tables are not padded: they would be twice as long. */

/** @typedef {import('../record.mjs').Record} Record */

/** Peers that keep their data, beside ours in linear memory; and those that start from ordinary arrays, beside `out`. */
const RESIDENT = ['tfjs-cpu resident', 'tfjs-wasm resident', 'jax resident', 'torch'];
const WHOLE = ['copy', 'loop', 'tfjs-cpu whole', 'tfjs-wasm whole', 'ort-web', 'ort-node', 'transformers', 'jax whole'];

/** @param {Record[]} records */
export function resultsOf(records) {
  const [main, ...others] = records;
  return [
    '# Benchmark results',
    '`npm run bench` writes this page from the records in `bench/results`. How it is measured, and what the columns mean: [docs/performance.md](../docs/performance.md). A `-` is an operation that a library does not have, or a result too large for it.',
    '## Runtimes',
    runtimesTable(records),
    enginesList(main),
    `An answer further from float64 than ${exponent(TOLERANCE)} of the larger of the value and its row's mean magnitude (where terms may cancel, ${exponent(CANCELLED)} of those terms on top) is shown as wrong and not timed.`,
    wrongList(records),
    '## Figures without a peer',
    ownTable(records),
    tierNote(records),
    '## The runtimes side by side: softmax',
    sideBySide(records, 'softmax', table),
    '## The runtimes side by side: crossEntropyWithGrad',
    sideBySide(records, 'crossEntropyWithGrad', table),
    `# ${main.runtime.name}`,
    ...sections(main),
    ...others.flatMap((record) => [
      `# ${record.runtime.name}`,
      ...(record.missing.length > 0 ? [missingLine(record)] : []),
      ...OPS.filter(({ id }) => shapesOf(record, id).length > 0).flatMap(({ id, title }) => [
        `## ${title}, ${record.runtime.name}`,
        'ns per element, minimum:',
        matrix(record, id),
        'Ratios:',
        ratios(record, id),
      ]),
    ]),
    '# Goals',
    'What the kernels were to reach, set on another processor before they were written; [docs/performance.md](../docs/performance.md) says of those that are not met why. Ratios of minima, each from one run in which both were measured in turns; the worst shape decides. The second limit, where there is one, is the stretch.',
    goalsTable(records),
  ].join('\n\n');
}

/** @param {Record[]} records */
function runtimesTable(records) {
  const rows = records.map(({ runtime, cpu, system, commit, date, seconds }) => {
    return [runtime.name, runtime.engine, cpu, system, commit, date, `${seconds} s`];
  });
  return table(['', 'engine', 'CPU', 'system', 'commit', 'date', 'took'], rows);
}

/** @param {Record} record */
function enginesList({ versions, missing, results }) {
  const measured = ENGINE_IDS.filter((id) => versions[id] !== undefined);
  const names = measured.map((id) => `${PACKAGES[id] ?? 'PyTorch'} ${versions[id]}`);
  const failed = results.filter((r) => r.failed !== undefined);
  const lines = [`Beside it, each at one thread: ${names.join(', ')}.`];
  if (missing.length > 0) lines.push(missingLine({ missing }));
  if (failed.length > 0) {
    const said = new Set(failed.map(({ subject, failed: why }) => `${SUBJECTS[subject] ?? subject}: ${why}`));
    lines.push(`Failed: ${[...said].join('; ')}.`);
  }
  return lines.join(' ');
}

/** @param {{ missing: Record['missing'] }} record */
function missingLine({ missing }) {
  return `Not measured: ${missing.map(({ engine, reason }) => `${engine} (${reason})`).join(', ')}.`;
}

/** @param {Record[]} records */
function wrongList(records) {
  const wrong = records.flatMap(({ runtime, results }) =>
    results
      .filter((r) => r.wrong !== undefined)
      .map((r) => `- ${SUBJECTS[r.subject]}, ${opOf(r.op).title} at ${nameOf(r.shape)}, ${runtime.name}: ${r.wrong}`),
  );
  return wrong.length === 0 ? 'No answer was wrong.' : `Wrong:\n\n${wrong.join('\n')}`;
}

/** @param {Record[]} records */
function goalsTable(records) {
  const rows = goalsOf(records).map(({ what, limit, worst, best, verdict }) => [what, limit, worst, best, verdict]);
  return table(['', 'goal', 'worst', 'best', ''], rows);
}

/** @param {Record[]} records */
function ownTable(records) {
  const measured = records.filter(({ own }) => own !== undefined);
  const pair = ({ min, p50 }, /** @type {string} */ unit) => `${three(p50)} (${three(min)}) ${unit}`;
  const rows = [
    ['import', ({ coldStart }) => pair(coldStart.importMs, 'ms')],
    ['compile and first result of 1×1000', ({ coldStart }) => pair(coldStart.firstMs, 'ms')],
    ['both', ({ coldStart }) => pair(coldStart.totalMs, 'ms')],
    ['optimising compiler has taken over after', ({ tierUp }) => pair(tierUp.ms, 'ms')],
    ['… and after calls of 1×1000', ({ tierUp }) => three(tierUp.calls.p50)],
    ['1×1000 then', ({ tierUp }) => pair(tierUp.settledUs, 'µs')],
    ['1×1000 with `--no-liftoff`, optimised from the start', ({ tierUp }) => `${three(tierUp.optimisedUs)} µs`],
    ...['relaxed', 'simd', 'scalar'].flatMap((tier) => [
      [`1×10, ${tier}, \`out\``, ({ smallCall }) => (smallCall[tier] ? pair(smallCall[tier].out, 'ns') : '-')],
      [`1×10, ${tier}, in memory`, ({ smallCall }) => (smallCall[tier] ? pair(smallCall[tier].alloc, 'ns') : '-')],
    ]),
    ...['index', 'scalar'].map((entry) => [
      `${entry === 'index' ? 'main' : 'scalar'} entry, minified and gzipped`,
      ({ sizes }) => `${three(sizes[entry].gzipped / 1024)} KiB`,
    ]),
  ];
  rows.push(['measured on commit', ({ commit }) => commit ?? '-']);
  const cells = rows.map(([name, of]) => [name, ...measured.map(({ own }) => of(own))]);
  return `Median (minimum) over fresh processes.\n\n${table(['', ...measured.map((r) => r.runtime.name)], cells)}`;
}

/** @param {Record[]} records */
function tierNote([{ own }]) {
  if (own === undefined) return '';
  const { settledUs, optimisedUs } = own.tierUp;
  const close = Math.abs(settledUs.min / optimisedUs - 1);
  return `All timings are of optimised code: every subject runs before its first sample counts until V8's TurboFan has taken over (in pages until the browser's optimising compiler has). On ${'Node 24'} the settled call is within ${Math.ceil(100 * close)} % of one compiled by TurboFan alone.`;
}

/** The main runtime: a matrix, ratios and every figure of each operation. @param {Record} record */
function sections(record) {
  return OPS.filter(({ id }) => shapesOf(record, id).length > 0).flatMap(({ id, title }) => [
    `## ${title}`,
    'ns per element, minimum (median):',
    matrix(record, id, true),
    'Ratios: below 1, this package is faster.',
    ratios(record, id),
    `<details><summary>Every figure of ${title}</summary>`,
    ...shapesOf(record, id).map((shape) => {
      const { title: caption, rows } = detailsOf(record, id, shape);
      return `**${caption}**\n\n${table(headOf(record), rows)}`;
    }),
    '</details>',
  ]);
}

/** Shapes down, subjects across: ours, then the others. @param {Record} record @param {string} op @param {boolean} [withMedian] */
function matrix(record, op, withMedian = false) {
  const present = subjectsOf(record, op);
  const subjects = Object.keys(SUBJECTS).filter((id) => present.has(id));
  const isOurs = (/** @type {string} */ id) => /^(relaxed|simd|scalar|copy)/.test(id);
  return [subjects.filter(isOurs), subjects.filter((id) => !isOurs(id))]
    .filter((some) => some.length > 0)
    .map((some) => {
      const rows = orderedShapes(record, op).map((shape) => [
        nameOf(shape),
        ...some.map((subject) => timeCell(find(record, op, shape, subject), withMedian)),
      ]);
      return table(['', ...some.map((id) => SUBJECTS[id])], rows);
    })
    .join('\n\n');
}

/** @param {import('../suite/suite.mjs').Result | undefined} result @param {boolean} withMedian */
function timeCell(result, withMedian) {
  if (result === undefined) return '-';
  if (result.min === undefined) return result.wrong === undefined ? 'failed' : 'WRONG';
  return `${three(perElement(result))}${withMedian ? ` (${three(perElement(result, 'p50'))})` : ''}`;
}

/** @param {Record} record @param {string} op */
function ratios(record, op) {
  const present = subjectsOf(record, op);
  const fastest = fastestTier(record);
  const pairs = [
    ...RESIDENT.filter((peer) => present.has(peer)).map((peer) => [`${fastest} alloc`, peer]),
    ...WHOLE.filter((peer) => present.has(peer)).map((peer) => [`${fastest} out`, peer]),
  ];
  const rows = orderedShapes(record, op).map((shape) => [
    nameOf(shape),
    ...pairs.map(([ours, peer]) => times(ratio(record, op, shape, ours, peer))),
  ]);
  const head = pairs.map(([ours, peer]) => `${SUBJECTS[ours]}, of ${SUBJECTS[peer]}`);
  return table(['', ...head], rows);
}

/** @param {Record} record @param {string} op */
function orderedShapes(record, op) {
  const measured = shapesOf(record, op);
  return SHAPES.map(({ id }) => id).filter((id) => measured.includes(id));
}

/** @param {string} shape */
const nameOf = (shape) => shapeName(shapeOf(shape));

/** 0.001 as 10⁻³. @param {number} v */
function exponent(v) {
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  return `10⁻${String(Math.round(-Math.log10(v))).replace(/\d/g, (d) => digits[Number(d)])}`;
}

/** @param {string[]} head @param {string[][]} rows */
export function table(head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map((_, k) => (k === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}
