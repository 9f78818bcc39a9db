import { shapeName, shapeOf } from '../shapes.mjs';
import { ratio, shapesOf, three, times } from './figures.mjs';

/**
 * The goals that the kernels are held to. Each is a limit on all its values; the worst one decides.
 *
 * @typedef {{ where: string, value: number }} Value
 * @typedef {object} Goal
 * @property {string} what
 * @property {number} most
 * @property {number} [stretch]
 * @property {(v: number) => string} show
 * @property {string} runtime
 * @property {(record: import('../record.mjs').Record) => Value[]} values none where it was not measured
 */

/** Ratios of one subject to another over the shapes that match. */
function ratios(op, subject, peer, matches = () => true) {
  return (record) =>
    shapesOf(record, op)
      .map((id) => ({ shape: shapeOf(id), value: ratio(record, op, id, subject, peer) }))
      .filter(({ shape, value }) => value !== null && matches(shape.cols))
      .map(({ shape, value }) => ({ where: shapeName(shape), value }));
}

const from = (least) => (cols) => cols >= least;
const below = (most) => (cols) => cols < most;
const exactly = (n) => (cols) => cols === n;
const between = (least, most) => (cols) => cols >= least && cols <= most;

const TF = 'TF.js wasm, resident';
const goal = (what, most, stretch, values, more = {}) => {
  return { what, most, stretch, values, show: times, runtime: 'node24', ...more };
};

/** @type {Goal[]} */
const GOALS = [
  goal(
    `softmax in memory, relaxed, ≥ 128 columns, of ${TF}`,
    0.7,
    0.66,
    ratios('softmax', 'relaxed alloc', 'tfjs-wasm resident', from(128)),
  ),
  goal(
    `softmax in memory, simd, ≥ 128 columns, of ${TF}`,
    0.98,
    0.88,
    ratios('softmax', 'simd alloc', 'tfjs-wasm resident', from(128)),
  ),
  goal(`the same on Node 20`, 1, 0.88, ratios('softmax', 'simd alloc', 'tfjs-wasm resident', from(128)), {
    runtime: 'node20',
  }),
  ...[
    [2, 0.08, 0.06],
    [10, 0.2, 0.16],
    [16, 0.4, 0.33],
    [64, 0.62, 0.55],
  ].map(([cols, most, stretch]) =>
    goal(
      `softmax in memory, relaxed, ${cols} columns, of ${TF}`,
      most,
      stretch,
      ratios('softmax', 'relaxed alloc', 'tfjs-wasm resident', exactly(cols)),
    ),
  ),
  goal(
    'softmax with `out`, relaxed, of TF.js wasm end to end',
    0.55,
    undefined,
    ratios('softmax', 'relaxed out', 'tfjs-wasm whole'),
  ),
  goal('softmax with `out`, relaxed, of ONNX Runtime Web', 0.3, undefined, ratios('softmax', 'relaxed out', 'ort-web')),
  goal(
    'softmax with `out`, relaxed, 64 to 1,000 columns, of native ONNX Runtime',
    1.15,
    1,
    ratios('softmax', 'relaxed out', 'ort-node', between(64, 1000)),
  ),
  goal(
    'softmax with `out`, relaxed, 32,000 columns, of native ONNX Runtime',
    0.9,
    undefined,
    ratios('softmax', 'relaxed out', 'ort-node', exactly(32_000)),
  ),
  goal(
    'softmax with `out`, relaxed, ≤ 10 columns, of native ONNX Runtime',
    0.9,
    undefined,
    ratios('softmax', 'relaxed out', 'ort-node', between(1, 10)),
  ),
  goal(
    'softmax in memory, relaxed, of native ONNX Runtime',
    0.9,
    undefined,
    ratios('softmax', 'relaxed alloc', 'ort-node'),
  ),
  goal(
    'softmax with `out`, relaxed, everywhere, of native ONNX Runtime',
    1.15,
    1,
    ratios('softmax', 'relaxed out', 'ort-node'),
  ),
  ...['relaxed', 'simd'].flatMap((tier) => [
    ...[
      ['≥ 64 columns', 1.25, from(64)],
      ['10 columns', 1.6, exactly(10)],
      ['2 columns', 2.5, exactly(2)],
    ].map(([which, most, matches]) =>
      goal(
        `crossEntropyWithGrad in memory, ${tier}, ${which}, of our softmax`,
        most,
        undefined,
        ratios('crossEntropyWithGrad', `${tier} alloc`, `${tier} softmax`, matches),
      ),
    ),
    ...[
      ['logSoftmax', 0.9],
      ['logSumExp', 0.75],
      ['softmaxVjp', 0.6],
    ].map(([op, most]) =>
      goal(
        `${op} in memory, ${tier}, ≥ 64 columns, of our softmax`,
        most,
        undefined,
        ratios(op, `${tier} alloc`, `${tier} softmax`, from(64)),
      ),
    ),
    goal(
      `softmax in memory, ${tier}, results in the last binades, of our usual softmax`,
      1.5,
      undefined,
      ratios('softmaxTail', `${tier} alloc`, `${tier} softmax`),
    ),
  ]),
  goal(
    'crossEntropyWithGrad in memory, relaxed, of TF.js valueAndGrad, resident (20 times faster)',
    1 / 20,
    undefined,
    ratios('crossEntropyWithGrad', 'relaxed alloc', 'tfjs-wasm resident'),
  ),
  goal('softmax, scalar, ≥ 64 columns, of the loop', 0.66, 0.6, ratios('softmax', 'scalar out', 'loop', from(64))),
  goal(
    'softmax, scalar, < 64 columns, of the loop',
    0.8,
    undefined,
    ratios('softmax', 'scalar out', 'loop', below(64)),
  ),
  goal(
    '1×10 with `out`, one engine in its process',
    150,
    undefined,
    ({ own }) => {
      return Object.entries(own?.smallCall ?? {}).map(([tier, { out }]) => ({ where: tier, value: out.min }));
    },
    { show: (/** @type {number} */ v) => `${three(v)} ns` },
  ),
  goal(
    'import, compile and first result of 1×1000',
    5,
    undefined,
    ({ own }) => (own === undefined ? [] : [{ where: 'median', value: own.coldStart.totalMs.p50 }]),
    { show: (/** @type {number} */ v) => `${three(v)} ms` },
  ),
  goal(
    'main entry, minified and gzipped',
    24,
    16,
    ({ own }) => (own === undefined ? [] : [{ where: 'esbuild', value: own.sizes.index.gzipped / 1024 }]),
    { show: (/** @type {number} */ v) => `${three(v)} KiB` },
  ),
];

/**
 * @param {import('../record.mjs').Record[]} records
 * @returns goals with their verdicts, in words
 */
export function goalsOf(records) {
  return GOALS.map(({ what, most, stretch, show, runtime, values: measure }) => {
    const record = records.find((r) => r.runtime.id === runtime);
    const values = record === undefined ? [] : measure(record);
    const limit = `≤ ${show(most)}${stretch === undefined ? '' : `, ${show(stretch)}`}`;
    if (values.length === 0) return { what, limit, worst: '-', best: '-', verdict: 'not measured', values };
    const sorted = [...values].sort((a, b) => b.value - a.value);
    const [{ value, where }] = sorted;
    const kept = values.filter((v) => v.value <= most).length;
    const met = stretch !== undefined && value <= stretch ? 'met, stretch too' : value <= most ? 'met' : 'NOT met';
    const verdict = values.length > 1 && value > most ? `${met} at ${values.length - kept} of ${values.length}` : met;
    const best = sorted[sorted.length - 1];
    const words = (/** @type {Value} */ v) => `${show(v.value)} (${v.where})`;
    return { what, limit, worst: words({ value, where }), best: values.length > 1 ? words(best) : '', verdict, values };
  });
}
