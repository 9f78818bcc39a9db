import * as inputs from '../inputs.js';

/** Rows that are hard for a selection: ties, orders, masks, spreads. */
export function hardRows(cols: number): [name: string, row: Float32Array<ArrayBuffer>][] {
  const of = (f: (j: number) => number) => Float32Array.from({ length: cols }, (_, j) => f(j));
  return [
    ['N(0, 3²)', inputs.normal(cols, 0, 3, cols)],
    ['almost flat', inputs.normal(cols, 0, 0.1, cols + 1)],
    ['few values', inputs.tied(cols, cols + 2)],
    ['ascending', of((j) => (8 * j) / cols)],
    ['descending', of((j) => (-8 * j) / cols)],
    ['all equal', new Float32Array(cols).fill(1.5)],
    ['-0 and 0', of((j) => (j % 3 === 1 ? 0 : -0))],
    ['half masked', inputs.masked(1, cols, 0.5, cols + 3)],
    ['one beside -Infinity', of((j) => (j === cols >> 1 ? -7 : -Infinity))],
    ['the whole range', inputs.uniform(cols, -3.4e38, 3.4e38, cols + 4)],
    ['nothing', new Float32Array(cols).fill(-Infinity)],
  ];
}

/** The same with a NaN, and with +Infinity. */
export function unfitRows(cols: number): [name: string, row: Float32Array<ArrayBuffer>][] {
  return [NaN, Infinity].flatMap((v) =>
    [0, cols >> 1, cols - 1].map((j): [string, Float32Array<ArrayBuffer>] => {
      const row = inputs.normal(cols, 0, 3, cols);
      row[j] = v;
      return [`${v} in column ${j}`, row];
    }),
  );
}
