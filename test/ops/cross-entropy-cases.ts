import { once } from '../every-tier.js';
import * as inputs from '../inputs.js';
import { BEYOND_TILE, COLUMNS, rowsFor, LONG_ROW, TEMPERATURES } from '../inputs.js';
import * as reference from '../reference.js';

/** Options that the oracle and the library both take, `reduction` apart. */
export interface RowLossOptions {
  ignoreIndex?: number;
  labelSmoothing?: number;
  classWeights?: Float32Array;
  zLoss?: number;
  scale?: number;
  temperature?: number;
}

export interface CrossEntropyCase {
  name: string;
  logits: Float32Array;
  targets: Int32Array | Float32Array;
  cols: number;
  options: RowLossOptions;
  /** In ULP of the row's loss: CONTRACT section 3 has 4 for class indices, 6 for soft targets and smoothing. */
  lossBound: number;
  exact: {
    none: () => reference.ExactCrossEntropy;
    mean: () => reference.ExactCrossEntropy;
  };
}

function crossEntropyCase(
  name: string,
  logits: Float32Array,
  targets: Int32Array | Float32Array,
  cols: number,
  options: RowLossOptions = {},
): CrossEntropyCase {
  const classes = targets instanceof Int32Array && !options.labelSmoothing;
  return {
    name,
    logits,
    targets,
    cols,
    options,
    lossBound: classes ? 4 : 6,
    exact: {
      none: once(() => reference.crossEntropy(logits, targets, cols, { ...options, reduction: 'none' })),
      mean: once(() => reference.crossEntropy(logits, targets, cols, { ...options, reduction: 'mean' })),
    },
  };
}

export const CLASS_CASES: CrossEntropyCase[] = [...COLUMNS, BEYOND_TILE, LONG_ROW].flatMap((cols) => {
  const rows = rowsFor(cols);
  const logits = inputs.normal(rows * cols, 0, 4, cols);
  const high = inputs.normal(rows * cols, 500, 4, cols + 1);
  const masked = inputs.masked(rows, cols, 0.4, cols);
  return [
    crossEntropyCase('N(0, 4²), random labels', logits, inputs.classIndices(rows, cols, cols), cols),
    crossEntropyCase('N(0, 4²), the largest is the label', logits, inputs.largest(logits, cols), cols),
    crossEntropyCase('N(500, 4²), random labels', high, inputs.classIndices(rows, cols, cols), cols),
    crossEntropyCase('masked, the largest is the label', masked, inputs.largest(masked, cols), cols),
  ];
});

/** Where a_t − 1 and log Σ have no digits. */
export const CERTAIN_CASES: CrossEntropyCase[] = [2, 3, 5, 10, 16, 17, 64, 65, 127, 1000].flatMap((cols) => {
  const rows = 17;
  const [sure, surer] = [inputs.nearCertain(rows, cols, 5, 25, cols), inputs.nearCertain(rows, cols, 25, 75, cols)];
  const wrong = sure.labels.map((label) => (label + 1) % cols);
  const far = inputs.nearCertain(rows, cols, 89, 3e3, cols);
  const higher = sure.logits.map((x) => x + 700);
  return [
    crossEntropyCase('label above the rest by 5 to 25', sure.logits, sure.labels, cols),
    crossEntropyCase('label above the rest by 25 to 75', surer.logits, surer.labels, cols),
    crossEntropyCase('label above the rest by 5 to 25, near 700', higher, sure.labels, cols),
    crossEntropyCase('another than the label above by 5 to 25', sure.logits, wrong, cols),
    crossEntropyCase(
      'another than the label above by 89 to 3,000',
      far.logits,
      far.labels.map((label) => (label + 1) % cols),
      cols,
    ),
    crossEntropyCase('one-hot, above by 5 to 25', sure.logits, inputs.oneHot(sure.labels, cols), cols),
    crossEntropyCase('one-hot, above by 25 to 75', surer.logits, inputs.oneHot(surer.labels, cols), cols),
    crossEntropyCase('many ties', inputs.tied(rows * cols, cols), inputs.classIndices(rows, cols), cols),
  ];
});

export const SOFT_CASES: CrossEntropyCase[] = [...COLUMNS, BEYOND_TILE, LONG_ROW].flatMap((cols) => {
  const rows = rowsFor(cols);
  const logits = inputs.normal(rows * cols, 0, 4, cols);
  return [
    crossEntropyCase('soft labels', logits, inputs.softLabels(rows, cols, cols), cols),
    crossEntropyCase('one-hot', logits, inputs.oneHot(inputs.classIndices(rows, cols, cols), cols), cols),
    crossEntropyCase('targets that sum to cols', logits, inputs.uniform(rows * cols, 0, 2, cols), cols),
    crossEntropyCase(
      'N(-1e4, 3²), soft labels',
      inputs.normal(rows * cols, -1e4, 3),
      inputs.softLabels(rows, cols),
      cols,
    ),
  ];
});

function ignoreSome(labels: Int32Array, index: number): Int32Array {
  return labels.map((label, r) => (r % 3 === 1 ? index : label));
}

/** One column count of each kind: narrow with and without tail, wide with and without tail, beyond a tile. */
export const OPTION_COLUMNS = [1, 2, 5, 8, 10, 64, 65, 130, 257, 1000, BEYOND_TILE, LONG_ROW];

export const OPTION_CASES: CrossEntropyCase[] = OPTION_COLUMNS.flatMap((cols) => {
  const rows = rowsFor(cols);
  const logits = inputs.normal(rows * cols, 1, 4, cols);
  const labels = inputs.classIndices(rows, cols, cols);
  const soft = inputs.softLabels(rows, cols, cols);
  const classWeights = inputs.uniform(cols, 0.1, 3, cols);
  const make = (name: string, targets: Int32Array | Float32Array, options: RowLossOptions) =>
    crossEntropyCase(name, logits, targets, cols, options);
  return [
    make('ignoreIndex -100', ignoreSome(labels, -100), {}),
    make('ignoreIndex 0', labels, { ignoreIndex: 0 }),
    make('class weights', labels, { classWeights }),
    make('class weights, ignored rows', ignoreSome(labels, -7), { classWeights, ignoreIndex: -7 }),
    make('class weights, soft labels', soft, { classWeights }),
    make('smoothing 0.1', labels, { labelSmoothing: 0.1 }),
    make('smoothing 1', labels, { labelSmoothing: 1 }),
    make('smoothing 0.1, soft labels', soft, { labelSmoothing: 0.1 }),
    make('smoothing 0.2, class weights', ignoreSome(labels, -100), { labelSmoothing: 0.2, classWeights }),
    make('smoothing 0.2, class weights, soft labels', soft, { labelSmoothing: 0.2, classWeights }),
    make('zLoss 1e-4', labels, { zLoss: 1e-4 }),
    make('zLoss 0.3, ignored rows', ignoreSome(labels, -100), { zLoss: 0.3 }),
    make('zLoss 0.1, soft labels', soft, { zLoss: 0.1 }),
    make('scale 0.37', labels, { scale: 0.37 }),
    make('scale 1,000, soft labels', soft, { scale: 1000 }),
    make('all options, class indices', ignoreSome(labels, 0), {
      ignoreIndex: 0,
      labelSmoothing: 0.1,
      classWeights,
      zLoss: 0.01,
      scale: 3,
      temperature: 0.7,
    }),
    make('all options, soft labels', soft, {
      labelSmoothing: 0.1,
      classWeights,
      zLoss: 0.01,
      scale: 3,
      temperature: 1.7,
    }),
  ];
});

export const TEMPERATURE_CASES: CrossEntropyCase[] = TEMPERATURES.flatMap((temperature) =>
  [2, 10, 65, 1000].flatMap((cols) => {
    const rows = rowsFor(cols);
    const logits = inputs.normal(rows * cols, 0, 4 * temperature, cols);
    const labels = inputs.classIndices(rows, cols, cols);
    const soft = inputs.softLabels(rows, cols, cols);
    const offset = inputs.normal(rows * cols, 200, 3, cols);
    return [
      crossEntropyCase(`N(0, (4T)²), T = ${temperature}`, logits, labels, cols, { temperature }),
      crossEntropyCase(`N(200, 3²), T = ${temperature}`, offset, labels, cols, { temperature }),
      crossEntropyCase(`largest, T = ${temperature}`, logits, inputs.largest(logits, cols), cols, { temperature }),
      crossEntropyCase(`soft labels, T = ${temperature}`, logits, soft, cols, { temperature }),
    ];
  }),
);

export const CROSS_ENTROPY_CASES = [
  ...CLASS_CASES,
  ...CERTAIN_CASES,
  ...SOFT_CASES,
  ...OPTION_CASES,
  ...TEMPERATURE_CASES,
];
