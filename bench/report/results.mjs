import { ENGINE_IDS, PACKAGES, SUBJECTS } from '../engines/names.mjs';
import { opOf, OPS } from '../ops.mjs';
import { shapeName, shapeOf, SHAPES } from '../shapes.mjs';
import { CANCELLED, TOLERANCE } from '../suite/agree.mjs';
import { fastestTier, ratio, shapesOf, three, times } from './figures.mjs';
import { goalsOf } from './goals.mjs';
import { sideBySide } from './side-by-side.mjs';
import { table } from './table.mjs';

/** bench/RESULTS.md of the committed records: 300 lines at the most (test/docs/bench.test.ts). */

/** @typedef {import('../record.mjs').Record} Record */

/** Peers that keep their data stand beside ours in linear memory; those that start from ordinary arrays beside `out`. */
const PEERS = [
  ...['tfjs-cpu resident', 'tfjs-wasm resident', 'jax resident', 'torch'].map((id) => ({ id, beside: 'alloc' })),
  ...['loop', 'tfjs-cpu whole', 'tfjs-wasm whole', 'ort-web', 'ort-node', 'transformers', 'jax whole'].map((id) => ({
    id,
    beside: 'out',
  })),
];

/** @param {Record[]} records */
export function resultsOf(records) {
  const [main, ...others] = records;
  return [
    '# Benchmark results',
    '`npm run bench` writes this page from the records in `bench/results`: a summary, and every case that is lost. `npm run bench -- --print` prints all figures, also of some runtimes, operations or shapes (`--print --runtime firefox --op softmax --shape 1x1000`). How it is measured, and what the columns mean: [docs/performance.md](../docs/performance.md). A `-` is an operation that a library does not have, or a result too large for it.',
    '## Runtimes',
    runtimesTable(records),
    enginesList(main),
    ...others.filter(({ missing }) => missing.length > 0).map(missingLine),
    `An answer further from float64 than ${exponent(TOLERANCE)} of the larger of the value and its row's mean magnitude (where terms may cancel, ${exponent(CANCELLED)} of those terms on top) counts as wrong and is not timed.`,
    wrongList(records),
    '## Our time over theirs',
    `On ${main.runtime.name}, from the best shape to the worst: below 1, this package is faster. Peers that keep their data beside this package in linear memory, the others beside \`out\`.`,
    summary(main),
    '## Where this package is slower',
    ...lost(records),
    '## The runtimes side by side: softmax',
    sideBySide(records, 'softmax'),
    '## The runtimes side by side: crossEntropyWithGrad',
    sideBySide(records, 'crossEntropyWithGrad'),
    '## Figures without a peer',
    ownTable(records),
    tierNote(records),
    '## Goals',
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

/** @param {Record} main */
function enginesList(main) {
  const { versions, missing, results } = main;
  const measured = ENGINE_IDS.filter((id) => versions[id] !== undefined);
  const names = measured.map((id) => `${PACKAGES[id] ?? 'PyTorch'} ${versions[id]}`);
  const failed = results.filter((r) => r.failed !== undefined);
  const lines = [`Beside it, each at one thread: ${names.join(', ')}.`];
  if (missing.length > 0) lines.push(missingLine(main));
  if (failed.length > 0) {
    const said = new Set(failed.map(({ subject, failed: why }) => `${SUBJECTS[subject] ?? subject}: ${why}`));
    lines.push(`Failed: ${[...said].join('; ')}.`);
  }
  return lines.join(' ');
}

/** @param {Record} record */
function missingLine({ runtime, missing }) {
  return `Not measured on ${runtime.name}: ${missing.map(({ engine, reason }) => `${engine} (${reason})`).join(', ')}.`;
}

/** One line for each operation and peer. @param {Record[]} records */
function wrongList(records) {
  /** @type {Map<string, string[]>} */
  const cases = new Map();
  for (const { runtime, results } of records) {
    for (const { subject, op, shape, wrong } of results) {
      if (wrong === undefined) continue;
      const what = `${SUBJECTS[subject]}, ${opOf(op).title}, ${runtime.name}`;
      cases.set(what, [...(cases.get(what) ?? []), `${nameOf(shape)} (${wrong})`]);
    }
  }
  if (cases.size === 0) return 'No answer was wrong.';
  return `Wrong:\n\n${[...cases].map(([what, shapes]) => `- ${what}: ${shapes.join('; ')}`).join('\n')}`;
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
  return `All timings are of optimised code: every subject runs before its first sample counts until V8's TurboFan has taken over (in pages until the browser's optimising compiler has). On Node 24 the settled call is within ${Math.ceil(100 * close)} % of one compiled by TurboFan alone.`;
}

/** How much of the time that each peer needs, from its best shape for us to its worst, on one runtime. @param {Record} record */
function summary(record) {
  const tier = fastestTier(record);
  const peers = PEERS.filter(({ id }) => record.results.some(({ subject }) => subject === id));
  const rows = OPS.filter(({ id }) => shapesOf(record, id).length > 0).map(({ id, title }) => [
    title,
    ...peers.map((peer) => {
      const found = ratiosOf(record, id, peer).map(({ value }) => value);
      return found.length === 0 ? '-' : `${times(Math.min(...found))} – ${times(Math.max(...found))}`;
    }),
  ]);
  return table([tier, ...peers.map(({ id }) => SUBJECTS[id])], rows);
}

/** Every case in which a peer was faster: for each operation and peer the shapes and ratios. @param {Record[]} records */
function lost(records) {
  let count = 0;
  const rows = records.flatMap((record) =>
    OPS.flatMap(({ id, title }) =>
      PEERS.flatMap((peer) => {
        const found = ratiosOf(record, id, peer);
        const worse = found.filter(({ value }) => value > 1);
        count += found.length;
        if (worse.length === 0) return [];
        const cells = worse.map(({ shape, value }) => `${nameOf(shape)}: ${times(value)}`);
        return [{ count: worse.length, cells: [record.runtime.name, title, SUBJECTS[peer.id], cells.join(', ')] }];
      }),
    ),
  );
  const worse = rows.reduce((sum, row) => sum + row.count, 0);
  return [
    `In ${worse} of ${count.toLocaleString('en')} comparisons of the fastest tier on ${records.length} runtimes a peer needed less time than this package:`,
    table(
      ['runtime', 'operation', 'peer', 'shapes, and our time over theirs'],
      rows.map(({ cells }) => cells),
      4,
    ),
  ];
}

/** By shape, where both were measured. @param {Record} record @param {string} op @param {{ id: string, beside: string }} peer */
function ratiosOf(record, op, { id, beside }) {
  const ours = `${fastestTier(record)} ${beside}`;
  const measured = shapesOf(record, op);
  return SHAPES.filter((shape) => measured.includes(shape.id))
    .map(({ id: shape }) => ({ shape, value: ratio(record, op, shape, ours, id) }))
    .filter(({ value }) => value !== null);
}

/** @param {string} shape */
const nameOf = (shape) => shapeName(shapeOf(shape));

/** 0.001 as 10⁻³. @param {number} v */
function exponent(v) {
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹';
  return `10⁻${String(Math.round(-Math.log10(v))).replace(/\d/g, (d) => digits[Number(d)])}`;
}
