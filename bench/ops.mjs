import { crossEntropy, logSoftmax, logSumExp, softmax, softmaxJacobian, softmaxJvp } from './oracle.mjs';
import { normal, random } from './random.mjs';

/**
 * What is timed: for each operation its inputs, its result in float64, and the floats it reads and writes at least.
 *
 * @typedef {Record<string, Float32Array | Int32Array>} Inputs
 *
 * @typedef {object} Op
 * @property {string} id
 * @property {string} title
 * @property {(rows: number, cols: number) => Inputs} inputs
 * @property {(inputs: any, cols: number) => ArrayLike<number>[]} exact the outputs in float64
 * @property {(rows: number, cols: number) => number[]} outputs elements of each output
 * @property {(rows: number, cols: number) => boolean} [fits] false where the output is too large
 * @property {(rows: number) => number} [unit] magnitude of the terms that may cancel in an output, if any may
 * @property {string[]} [shapes] the only ones that it is timed at
 * @property {boolean} [besideSoftmax] also times our own softmax in the same run: a goal is a ratio to it
 */

const SEED = 7;
const logits = (/** @type {number} */ rows, /** @type {number} */ cols) => normal(rows * cols, 0, 4, SEED);
const other = (/** @type {number} */ rows, /** @type {number} */ cols) => normal(rows * cols, 0, 1, SEED + 1);
const likeInput = (/** @type {number} */ rows, /** @type {number} */ cols) => [rows * cols];

/** @type {Op[]} */
export const OPS = [
  {
    id: 'softmax',
    title: 'softmax',
    inputs: (rows, cols) => ({ logits: logits(rows, cols) }),
    exact: (x, cols) => [softmax(x.logits, cols)],
    outputs: likeInput,
  },
  {
    id: 'logSoftmax',
    title: 'logSoftmax',
    inputs: (rows, cols) => ({ logits: logits(rows, cols) }),
    exact: (x, cols) => [logSoftmax(x.logits, cols)],
    outputs: likeInput,
    besideSoftmax: true,
  },
  {
    id: 'logSumExp',
    title: 'logSumExp',
    inputs: (rows, cols) => ({ logits: logits(rows, cols) }),
    exact: (x, cols) => [logSumExp(x.logits, cols)],
    outputs: (rows) => [rows],
    besideSoftmax: true,
  },
  {
    id: 'softmaxVjp',
    title: 'softmaxVjp',
    inputs: (rows, cols) => ({ probs: probsOf(rows, cols), cotangent: other(rows, cols) }),
    exact: (x, cols) => [softmaxJvp(x.probs, x.cotangent, cols)],
    outputs: likeInput,
    unit: () => 1,
    besideSoftmax: true,
  },
  {
    id: 'softmaxWithJvp',
    title: 'softmaxWithJvp',
    inputs: (rows, cols) => ({ logits: logits(rows, cols), tangent: other(rows, cols) }),
    exact: (x, cols) => {
      const probs = softmax(x.logits, cols);
      return [probs, softmaxJvp(probs, x.tangent, cols)];
    },
    outputs: (rows, cols) => [rows * cols, rows * cols],
    unit: () => 1,
    besideSoftmax: true,
  },
  {
    id: 'crossEntropyWithGrad',
    title: 'crossEntropyWithGrad, class indices',
    inputs: (rows, cols) => ({ logits: logits(rows, cols), targets: labels(rows, cols) }),
    exact: (x, cols) => crossEntropy(x.logits, oneHot(x.targets, cols), cols),
    outputs: (rows, cols) => [1, rows * cols],
    unit: (rows) => 1 / rows,
    besideSoftmax: true,
  },
  {
    id: 'crossEntropyWithGradSoft',
    title: 'crossEntropyWithGrad, soft labels',
    inputs: (rows, cols) => ({ logits: logits(rows, cols), targets: probsOf(rows, cols) }),
    exact: (x, cols) => crossEntropy(x.logits, x.targets, cols),
    outputs: (rows, cols) => [1, rows * cols],
    unit: (rows) => 1 / rows,
    besideSoftmax: true,
  },
  {
    id: 'softmaxJacobian',
    title: 'softmaxJacobian',
    inputs: (rows, cols) => ({ probs: probsOf(rows, cols) }),
    exact: (x, cols) => [softmaxJacobian(x.probs, cols)],
    outputs: (rows, cols) => [rows * cols * cols],
    fits: (rows, cols) => rows * cols * cols <= 2 ** 24,
  },
  {
    id: 'softmaxTail',
    title: 'softmax, results in the last binades before the flush',
    inputs: (rows, cols) => ({ logits: tails(rows, cols) }),
    exact: (x, cols) => [softmax(x.logits, cols)],
    outputs: likeInput,
    shapes: ['256x1000', '4096x64', '65536x10', '65536x2'],
    besideSoftmax: true,
  },
];

/** @param {string} id */
export function opOf(id) {
  const op = OPS.find((o) => o.id === id);
  if (op === undefined) throw new Error(`no op ${id}: ${OPS.map((o) => o.id).join(', ')}`);
  return op;
}

/** Bytes that must be read or written at least once. @param {Op} op @param {number} rows @param {number} cols */
export function bytesOf(op, rows, cols) {
  const inputs = Object.values(inputLengths(op, rows, cols)).reduce((a, b) => a + b, 0);
  return 4 * op.outputs(rows, cols).reduce((a, b) => a + b, inputs);
}

/** Elements of each input. @param {Op} op @param {number} rows @param {number} cols */
export function inputLengths(op, rows, cols) {
  const [a, b] = Object.keys(op.inputs(1, 2));
  if (b === undefined) return { [a]: rows * cols };
  return { [a]: rows * cols, [b]: op.id === 'crossEntropyWithGrad' ? rows : rows * cols };
}

/** The logits of the usual softmax, beside which an operation may be timed. */
export const usualLogits = logits;

/** All but one logit of a row 80 to 87.3 below it: their results are the smallest that are not flushed. @param {number} rows @param {number} cols */
function tails(rows, cols) {
  const next = random(SEED + 3);
  return Float32Array.from({ length: rows * cols }, (_, i) => (i % cols === 0 ? 0 : -80 - 7.3 * next()));
}

/** @param {number} rows @param {number} cols */
function labels(rows, cols) {
  const next = random(SEED + 2);
  return Int32Array.from({ length: rows }, () => Math.floor(next() * cols));
}

/** @param {Int32Array} targets @param {number} cols */
function oneHot(targets, cols) {
  const all = new Uint8Array(targets.length * cols);
  targets.forEach((t, r) => (all[r * cols + t] = 1));
  return all;
}

/** @param {number} rows @param {number} cols */
function probsOf(rows, cols) {
  return Float32Array.from(softmax(normal(rows * cols, 0, 2, SEED + 4), cols));
}
