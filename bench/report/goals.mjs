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

/** Which columns a goal is about. */
const ALL = { words: '', has: () => true };
const from = (least) => ({ words: `≥ ${least} columns`, has: (cols) => cols >= least });
const below = (most) => ({ words: `< ${most} columns`, has: (cols) => cols < most });
const upTo = (most) => ({ words: `≤ ${most} columns`, has: (cols) => cols <= most });
const exactly = (n) => ({ words: `${n.toLocaleString('en')} columns`, has: (cols) => cols === n });
const between = (least, most) => ({
  words: `${least} to ${most.toLocaleString('en')} columns`,
  has: (cols) => cols >= least && cols <= most,
});

/** How a goal calls a subject: before its tier and after. */
const OURS = { alloc: ' in memory', out: ' with `out`' };
const PEERS = {
  'tfjs-wasm resident': 'TF.js wasm, resident',
  'tfjs-wasm whole': 'TF.js wasm end to end',
  'ort-web': 'ONNX Runtime Web',
  'ort-node': 'native ONNX Runtime',
  loop: 'the loop',
};

/** A limit, and a stretch, on the ratio of a subject of ours to a peer, or to our softmax in the same run. */
function goal(op, tier, mode, peer, columns, most, stretch, more = {}) {
  const title = op === 'softmaxTail' ? 'softmax' : op;
  const how = tier === 'scalar' ? '' : OURS[mode];
  const rows = op === 'softmaxTail' ? ', results in the last binades' : columns.words && `, ${columns.words}`;
  const usual = op === 'softmaxTail' ? 'our usual softmax' : 'our softmax';
  return {
    what: `${title}${how}, ${tier}${rows}, of ${PEERS[peer] ?? usual}`,
    most,
    stretch,
    show: times,
    runtime: 'node24',
    values: (record) =>
      shapesOf(record, op)
        .map((id) => ({ shape: shapeOf(id), value: ratio(record, op, id, `${tier} ${mode}`, peer) }))
        .filter(({ shape, value }) => value !== null && columns.has(shape.cols))
        .map(({ shape, value }) => ({ where: shapeName(shape), value })),
    ...more,
  };
}

/** A limit on a figure that has no peer. */
function own(what, most, stretch, unit, figures) {
  const show = (/** @type {number} */ v) => `${three(v)} ${unit}`;
  const values = (record) =>
    record.own === undefined ? [] : Object.entries(figures(record.own)).map(([where, value]) => ({ where, value }));
  return { what, most, stretch, show, runtime: 'node24', values };
}

const besideSoftmax = (tier) => [
  goal('crossEntropyWithGrad', tier, 'alloc', `${tier} softmax`, from(64), 1.25),
  goal('crossEntropyWithGrad', tier, 'alloc', `${tier} softmax`, exactly(10), 1.6),
  goal('crossEntropyWithGrad', tier, 'alloc', `${tier} softmax`, exactly(2), 2.5),
  goal('logSoftmax', tier, 'alloc', `${tier} softmax`, from(64), 0.9),
  goal('logSumExp', tier, 'alloc', `${tier} softmax`, from(64), 0.75),
  goal('softmaxVjp', tier, 'alloc', `${tier} softmax`, from(64), 0.6),
  goal('softmaxTail', tier, 'alloc', `${tier} softmax`, ALL, 1.5),
];

/** @type {Goal[]} */
const GOALS = [
  goal('softmax', 'relaxed', 'alloc', 'tfjs-wasm resident', from(128), 0.7, 0.66),
  goal('softmax', 'simd', 'alloc', 'tfjs-wasm resident', from(128), 0.98, 0.88),
  goal('softmax', 'simd', 'alloc', 'tfjs-wasm resident', from(128), 1, 0.88, {
    what: 'the same on Node 20',
    runtime: 'node20',
  }),
  goal('softmax', 'relaxed', 'alloc', 'tfjs-wasm resident', exactly(2), 0.08, 0.06),
  goal('softmax', 'relaxed', 'alloc', 'tfjs-wasm resident', exactly(10), 0.2, 0.16),
  goal('softmax', 'relaxed', 'alloc', 'tfjs-wasm resident', exactly(16), 0.4, 0.33),
  goal('softmax', 'relaxed', 'alloc', 'tfjs-wasm resident', exactly(64), 0.62, 0.55),
  goal('softmax', 'relaxed', 'out', 'tfjs-wasm whole', ALL, 0.55),
  goal('softmax', 'relaxed', 'out', 'ort-web', ALL, 0.3),
  goal('softmax', 'relaxed', 'out', 'ort-node', between(64, 1000), 1.15, 1),
  goal('softmax', 'relaxed', 'out', 'ort-node', exactly(32_000), 0.9),
  goal('softmax', 'relaxed', 'out', 'ort-node', upTo(10), 0.9),
  goal('softmax', 'relaxed', 'alloc', 'ort-node', ALL, 0.9),
  goal('softmax', 'relaxed', 'out', 'ort-node', { ...ALL, words: 'everywhere' }, 1.15, 1),
  ...besideSoftmax('relaxed'),
  ...besideSoftmax('simd'),
  goal('crossEntropyWithGrad', 'relaxed', 'alloc', 'tfjs-wasm resident', ALL, 1 / 20, undefined, {
    what: 'crossEntropyWithGrad in memory, relaxed, of TF.js valueAndGrad, resident (20 times faster)',
  }),
  goal('softmax', 'scalar', 'out', 'loop', from(64), 0.66, 0.6),
  goal('softmax', 'scalar', 'out', 'loop', below(64), 0.8),
  own('1×10 with `out`, one engine in its process', 150, undefined, 'ns', ({ smallCall }) =>
    Object.fromEntries(Object.entries(smallCall).map(([tier, { out }]) => [tier, out.min])),
  ),
  own('import, compile and first result of 1×1000', 5, undefined, 'ms', ({ coldStart }) => ({
    median: coldStart.totalMs.p50,
  })),
  own('main entry, minified and gzipped', 24, 16, 'KiB', ({ sizes }) => ({ esbuild: sizes.index.gzipped / 1024 })),
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
