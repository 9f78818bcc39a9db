import * as inputs from '../inputs.js';
import { BEYOND_TILE, COLUMNS, rowsFor, LONG_ROW, TEMPERATURES } from '../inputs.js';
import * as reference from '../reference.js';

/** Rows that the operations with a tangent or a cotangent are measured on, by what their first input holds. */
export interface VectorCase {
  name: string;
  of: Float32Array;
  vector: Float32Array;
  cols: number;
  temperature?: number;
}

const rounded = ({ values }: reference.Exact) => Float32Array.from(values);

/** The cases of each column count that every kind of first input shares. */
function vectors(of: Float32Array, certain: Float32Array, cols: number): VectorCase[] {
  const { length } = of;
  return [
    { name: 'N(0, 1) vectors', of, vector: inputs.normal(length, 0, 1, cols + 1), cols },
    { name: 'N(1000, 1) vectors', of, vector: inputs.normal(length, 1000, 1, cols + 2), cols },
    { name: 'equal vectors', of, vector: new Float32Array(length).fill(0.1), cols },
    { name: 'near certain rows', of: certain, vector: inputs.normal(length, 0, 1, cols + 3), cols },
  ];
}

const everyWidth = (make: (cols: number, rows: number) => VectorCase[]) =>
  [...COLUMNS, BEYOND_TILE, LONG_ROW].flatMap((cols) => make(cols, rowsFor(cols)));

const certainLogits = (rows: number, cols: number) => inputs.nearCertain(rows, cols, 5, 30, cols).logits;

const ofProbs = everyWidth((cols, rows) => {
  const probs = rounded(reference.softmax(inputs.normal(rows * cols, 0, 4, cols), cols));
  return [
    ...vectors(probs, rounded(reference.softmax(certainLogits(rows, cols), cols)), cols),
    {
      name: 'rows of both signs that do not sum to 1',
      of: inputs.uniform(rows * cols, -2, 2, cols + 4),
      vector: inputs.uniform(rows * cols, -1e3, 1e3, cols + 5),
      cols,
    },
  ];
});

const ofLogProbs = everyWidth((cols, rows) => {
  const logProbs = rounded(reference.logSoftmax(inputs.normal(rows * cols, 0, 4, cols), cols));
  return [
    ...vectors(logProbs, rounded(reference.logSoftmax(certainLogits(rows, cols), cols)), cols),
    {
      name: 'masked rows',
      of: rounded(reference.logSoftmax(inputs.masked(rows, cols, 0.4, cols), cols)),
      vector: inputs.uniform(rows * cols, -5, 5, cols + 4),
      cols,
    },
  ];
});

const ofLogits = [
  ...everyWidth((cols, rows) => {
    const length = rows * cols;
    const vector = inputs.normal(length, 0, 1, cols + 1);
    const far = inputs.normal(length, 500, 3, cols);
    return [
      { name: 'N(0, 4²)', of: inputs.normal(length, 0, 4, cols), vector, cols },
      { name: 'N(200, 3²)', of: inputs.normal(length, 200, 3, cols), vector, cols },
      { name: 'masked', of: inputs.masked(rows, cols, 0.3, cols), vector, cols },
      { name: 'N(500, 3²), N(1000, 1) tangents', of: far, vector: inputs.normal(length, 1000, 1, cols), cols },
    ];
  }),
  ...TEMPERATURES.flatMap((temperature) =>
    [2, 10, 65, 1000].map((cols) => ({
      name: `N(0, (4T)²), T = ${temperature}`,
      of: inputs.normal(rowsFor(cols) * cols, 0, 4 * temperature, cols),
      vector: inputs.normal(rowsFor(cols) * cols, 0, 1, cols + 1),
      cols,
      temperature,
    })),
  ),
];

export const VECTOR_CASES: Record<string, VectorCase[]> = { logits: ofLogits, probs: ofProbs, logProbs: ofLogProbs };
