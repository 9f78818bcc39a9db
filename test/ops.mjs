// Every operation, declared once for the tests: what it reads, its options, what it writes, and what is promised of that.
//
// The suites of errors, edges, equal bits, accuracy, bounds, the pool and the runtimes run whatever stands here, so that
// an operation that is added needs an entry below and its oracle in reference.ts, and no test of its own but for what is
// its alone. Plain JavaScript without imports: Node 20, workerd and pages read it as it is, without a build.

/**
 * @typedef {'logits' | 'probs' | 'logProbs' | 'vector' | 'targets'} Kind what an input holds; `targets` are labels or
 *   probabilities, as the way of calling says
 *
 * @typedef {object} Input
 * @property {string} name
 * @property {Kind} holds
 *
 * @typedef {object} Special what stands in an output for a row that is not finite: NaN where it is not here, null where
 *   there is no one value
 * @property {number | null} [nan] a NaN in the row
 * @property {number | null} [infinity] a +Infinity, and no NaN
 * @property {number | null} [masked] nothing but -Infinity
 *
 * @typedef {object} Output
 * @property {string} name the option that takes an array for it
 * @property {'cols' | 'one' | 'square' | 'k'} width elements a row; the last is the argument of that name
 * @property {boolean} [integer] an Int32Array
 * @property {string} [result] its name in the result, where that is an object
 * @property {boolean} [side] written when given, and not returned
 * @property {string} [over] the input that it may lie over, where both have one length
 * @property {number} bound CONTRACT section 3, in ULP
 * @property {number} [random] the same on rows drawn at random
 * @property {number} [soft] the same with probability targets or smoothing
 * @property {[number, number]} [range] no result lies outside; a result of 0 is +0 where `low` is 0
 * @property {Special} [special]
 *
 * @typedef {object} Way one way of calling: what changes the path that the kernels take
 * @property {string} title after the operation's name
 * @property {'labels' | 'ignoring' | 'soft'} [targets] class indices; the same with every fifth one ignored; probabilities
 * @property {Record<string, unknown>} [options] `classWeights: true` stands for an array
 *
 * @typedef {object} Op
 * @property {string} name
 * @property {Input[]} inputs in the order of the signature; `cols` follows
 * @property {string[]} [scalars] arguments after `cols`; their values are those of OPTIONS
 * @property {string[]} options in the order in which they are checked
 * @property {Output[]} outputs in the order in which they are checked
 * @property {Way[]} ways
 * @property {string} [oracle] its function in reference.ts, where that has another name
 * @property {string} [adjoint] the operation with the transposed matrix
 * @property {string} [partOf] the operation that writes the same outputs and more: suites that take long run that one
 * @property {boolean} [engineOnly] pools do not have it
 */

const LOGITS = /** @type {Input} */ ({ name: 'logits', holds: 'logits' });
const PROBS = /** @type {Input} */ ({ name: 'probs', holds: 'probs' });
const LOG_PROBS = /** @type {Input} */ ({ name: 'logProbs', holds: 'logProbs' });
const TANGENT = /** @type {Input} */ ({ name: 'tangent', holds: 'vector' });
const COTANGENT = /** @type {Input} */ ({ name: 'cotangent', holds: 'vector' });
const TARGETS = /** @type {Input} */ ({ name: 'targets', holds: 'targets' });

const PLAIN = { title: '' };
const AT_TEMPERATURE = { title: ', T = 0.7', options: { temperature: 0.7 } };
const LSE_SPECIAL = { infinity: Infinity, masked: -Infinity };

/** Options of rows as they are (test/rows): how they lie, what takes part, what they are of. */
const ROWS = ['inner', 'starts', 'ends', 'mask', 'dtype'];
const ROWS_OR_EMPTY = ['inner', 'starts', 'ends', 'mask', 'emptyRows', 'dtype'];

/** A derivative of probabilities or of their logarithms: 6 ULP of the sum of the absolute values of its terms. */
const derivative = (/** @type {string} */ name, /** @type {Input} */ first, /** @type {Input} */ second) => ({
  name,
  inputs: [first, second],
  options: ['out', 'inner'],
  outputs: [{ name: 'out', width: 'cols', over: first.name, bound: 6 }],
  ways: [PLAIN],
});

const ALL = { labelSmoothing: 0.1, classWeights: true, zLoss: 0.01, scale: 3, temperature: 0.7 };

const crossEntropy = (/** @type {string} */ name, /** @type {string[]} */ wanted) => ({
  name,
  inputs: [LOGITS, TARGETS],
  options: [
    ...['reduction', 'ignoreIndex', 'labelSmoothing', 'classWeights', 'zLoss', 'scale', 'temperature'],
    ...['rowWeights', 'divisor'],
    ...wanted,
    ...ROWS,
  ],
  outputs: [
    { name: 'out', width: 'cols', result: 'dlogits', over: 'logits', bound: 6 },
    { name: 'losses', width: 'one', result: 'loss', side: true, bound: 4, soft: 6, range: [0, Infinity] },
    { name: 'lse', width: 'one', side: true, bound: 4, special: LSE_SPECIAL },
  ].filter((output) => wanted.includes(output.name)),
  oracle: 'crossEntropy',
  ways: [
    { title: ' of class indices', targets: 'labels' },
    { title: ' of class indices, all options', targets: 'ignoring', options: ALL },
    { title: ' of class indices, no smoothing', targets: 'ignoring', options: { ...ALL, labelSmoothing: 0 } },
    { title: ' of class indices, ignoreIndex 0', targets: 'ignoring', options: { ignoreIndex: 0 } },
    { title: ' of soft targets', targets: 'soft' },
    {
      title: ' of soft targets, weighted',
      targets: 'soft',
      options: { classWeights: true, labelSmoothing: 0.1, zLoss: 0.01 },
    },
    { title: ' of soft targets, all options', targets: 'soft', options: ALL },
  ],
});

export const OPS = /** @type {Op[]} */ ([
  {
    name: 'softmax',
    inputs: [LOGITS],
    options: ['out', 'temperature', ...ROWS_OR_EMPTY],
    outputs: [{ name: 'out', width: 'cols', over: 'logits', bound: 6, random: 4, range: [0, 1] }],
    ways: [PLAIN, AT_TEMPERATURE],
  },
  {
    name: 'logSoftmax',
    inputs: [LOGITS],
    options: ['out', 'temperature', ...ROWS_OR_EMPTY],
    outputs: [{ name: 'out', width: 'cols', over: 'logits', bound: 4, range: [-Infinity, 0] }],
    ways: [PLAIN, AT_TEMPERATURE],
  },
  {
    name: 'logSumExp',
    inputs: [LOGITS],
    options: ['out', 'temperature', ...ROWS],
    outputs: [{ name: 'out', width: 'one', over: 'logits', bound: 4, special: LSE_SPECIAL }],
    ways: [PLAIN, AT_TEMPERATURE],
  },
  {
    name: 'entropy',
    inputs: [LOGITS],
    options: ['out', 'temperature', ...ROWS],
    outputs: [{ name: 'out', width: 'one', over: 'logits', bound: 6, range: [0, Infinity] }],
    ways: [PLAIN, AT_TEMPERATURE],
  },
  {
    name: 'softmaxWithJvp',
    inputs: [LOGITS, TANGENT],
    options: ['out', 'jvpOut', 'temperature', ...ROWS_OR_EMPTY],
    outputs: [
      { name: 'out', width: 'cols', result: 'probs', over: 'logits', bound: 6, random: 4, range: [0, 1] },
      // Of the probs that it returns; of exact ones on random rows: docs/accuracy-bounds.md derives 20 for every row.
      { name: 'jvpOut', width: 'cols', result: 'jvp', over: 'tangent', bound: 20, random: 6 },
    ],
    ways: [PLAIN, { title: ', T = 1.3', options: { temperature: 1.3 } }],
  },
  { ...derivative('softmaxJvp', PROBS, TANGENT), adjoint: 'softmaxVjp' },
  { ...derivative('softmaxVjp', PROBS, COTANGENT), oracle: 'softmaxJvp' },
  { ...derivative('logSoftmaxJvp', LOG_PROBS, TANGENT), adjoint: 'logSoftmaxVjp' },
  derivative('logSoftmaxVjp', LOG_PROBS, COTANGENT),
  {
    name: 'softmaxJacobian',
    inputs: [PROBS],
    options: ['out'],
    outputs: [{ name: 'out', width: 'square', over: 'probs', bound: 6 }],
    ways: [PLAIN],
    engineOnly: true,
  },
  { ...crossEntropy('crossEntropy', ['losses', 'lse']), partOf: 'crossEntropyWithGrad' },
  { ...crossEntropy('crossEntropyGrad', ['out', 'losses', 'lse']), partOf: 'crossEntropyWithGrad' },
  crossEntropy('crossEntropyWithGrad', ['out', 'losses', 'lse']),
]);

/** The operations that choose among columns: their suites are in decisions/, as columns have no ULP. */
export const DECISIONS = ['argmax', 'topK', 'sample', 'filterLogits'];

/**
 * Every option that is no output: a value that may be given, the rule as messages have it, and values that break it. One of
 * the type of `good` is a RangeError, any other a TypeError.
 *
 * @type {Record<string, { good: unknown, rule: string, bad: unknown[] }>}
 */
export const OPTIONS = {
  temperature: {
    good: 1,
    rule: 'a number in [2^-16, 2^16]',
    bad: [-1, 0, 2 ** -17, 2 ** 16 + 1, NaN, '1', null],
  },
  reduction: { good: 'mean', rule: "'mean', 'sum' or 'none'", bad: ['max', 1, null] },
  ignoreIndex: { good: -100, rule: 'an integer', bad: [0.5, NaN, '0', null] },
  labelSmoothing: { good: 0, rule: 'a number in [0, 1]', bad: [-0.1, 1.1, NaN, true] },
  zLoss: { good: 0, rule: 'a finite number >= 0', bad: [-1, Infinity, NaN, {}] },
  scale: { good: 1, rule: 'a finite number', bad: [Infinity, -Infinity, NaN, () => 1] },
  inner: { good: 1, rule: 'a positive integer', bad: [0, -1, 1.5, NaN, '1', null] },
  emptyRows: { good: 'nan', rule: "'nan' or 'zero'", bad: ['none', 0, null] },
  dtype: { good: 'float32', rule: "'float32', 'float16' or 'bfloat16'", bad: ['f16', 16, null] },
  divisor: { good: 4, rule: 'a finite number other than 0', bad: [0, Infinity, NaN, '4', null] },
};

/**
 * Every option that is an array and no output: its class, what it holds in a good call on rows × cols, and the rule of its
 * length on 2 × 3.
 *
 * @type {Record<string, { Class: 'Float32Array' | 'Int32Array' | 'Uint8Array', good: (rows: number, cols: number) => number[], length: string }>}
 */
export const ARRAYS = {
  classWeights: { Class: 'Float32Array', good: (_, cols) => listOf(cols, (i) => (i + 1) / 8), length: 'cols = 3' },
  rowWeights: { Class: 'Float32Array', good: (rows) => listOf(rows, (i) => (i + 1) / 8), length: 'rows = 2' },
  starts: { Class: 'Int32Array', good: (rows) => listOf(rows, () => 0), length: 'rows = 2, or a divisor of them' },
  ends: {
    Class: 'Int32Array',
    good: (rows, cols) => listOf(rows, () => cols),
    length: 'rows = 2, or a divisor of them',
  },
  mask: {
    Class: 'Uint8Array',
    good: (rows, cols) => listOf(rows * cols, () => 1),
    length: 'rows · cols = 6, or 3 for each of fewer rows that divide them',
  },
};

function listOf(/** @type {number} */ length, /** @type {(i: number) => number} */ element) {
  return Array.from({ length }, (_, i) => element(i));
}

/** Of `cols`, which every signature has. */
export const COLS = {
  good: 3,
  rule: 'a positive integer',
  bad: [0, -3, 1.5, NaN, Infinity, '3', undefined, 3n],
};

/** Elements of an output of rows × cols. */
export function lengthOf(/** @type {Output} */ { width }, /** @type {number} */ rows, /** @type {number} */ cols) {
  return { cols: rows * cols, one: rows, square: rows * cols * cols, k: rows * Number(OPTIONS.k?.good) }[width];
}

export const takesTargets = (/** @type {Op} */ { inputs }) => inputs.some(({ holds }) => holds === 'targets');

/**
 * The calls of an operation on rows × cols, one for each of its ways.
 *
 * @param {Op} op
 * @param {number} rows
 * @param {number} cols
 * @param {Record<'logits' | 'probs' | 'logProbs' | 'vector' | 'labels' | 'soft' | 'classWeights',
 *   (rows: number, cols: number) => Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>} draw how the runtime makes arrays
 */
export function callsOf(op, rows, cols, draw) {
  return op.ways.map(({ title, targets, options = {} }) => {
    const { classWeights, ...given } = options;
    const { ignoreIndex = -100 } = /** @type {{ ignoreIndex?: number }} */ (given);
    const arrays = op.inputs.map(({ holds }) => {
      if (holds !== 'targets') return draw[holds](rows, cols);
      if (targets === 'soft') return draw.soft(rows, cols);
      const labels = draw.labels(rows, cols);
      return targets === 'labels' ? labels : labels.map((label, r) => (r % 5 === 3 ? ignoreIndex : label));
    });
    const all = classWeights ? { ...given, classWeights: draw.classWeights(1, cols) } : given;
    return { op, title: `${op.name}${title}`, arrays, cols, options: /** @type {Record<string, unknown>} */ (all) };
  });
}

/** Calls a function of `target` (an engine, a pool, the package); what it returns. */
export function callOn(target, { op, arrays, cols, options }, more = {}) {
  const scalars = (op.scalars ?? []).map((name) => OPTIONS[name].good);
  return target[op.name](...arrays, cols, ...scalars, { ...options, ...more });
}

/** What a call has returned by the names of its outputs, those on the side left out. */
export function returned(op, result) {
  const outputs = op.outputs.filter(({ side }) => !side);
  const pick = ({ result: name }) => (name !== undefined && !ArrayBuffer.isView(result) ? result[name] : result);
  return Object.fromEntries(outputs.map((output) => [output.name, pick(output)]));
}
