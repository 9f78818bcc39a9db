import * as inputs from '../inputs.js';
import { BEYOND_TILE, COLUMNS, rowsFor, LONG_ROW, TEMPERATURES } from '../inputs.js';

/** Rows of logits that softmax, logSoftmax and logSumExp are all measured on. */
export interface LogitCase {
  name: string;
  logits: Float32Array;
  cols: number;
  temperature: number;
  /** Drawn at random, not built to be hard. */
  random: boolean;
}

function drawn(name: string, logits: Float32Array, cols: number, temperature = 1): LogitCase {
  return { name, logits, cols, temperature, random: true };
}

function built(name: string, logits: Float32Array, cols: number, temperature = 1): LogitCase {
  return { ...drawn(name, logits, cols, temperature), random: false };
}

/** The three distributions that CONTRACT promises 4 ULP on, 32,000 elements or more each. */
export const PROMISED: LogitCase[] = [2, 10, 64, 1000, 32_000].flatMap((cols) => {
  const length = cols * Math.max(3, Math.floor(32_000 / cols));
  return [
    drawn('N(0, 4²)', inputs.normal(length, 0, 4, cols), cols),
    drawn('U(±40)', inputs.uniform(length, -40, 40, cols), cols),
    drawn('N(200, 3²)', inputs.normal(length, 200, 3, cols), cols),
  ];
});

const everyColumnCount = [...COLUMNS, BEYOND_TILE, LONG_ROW].flatMap((cols) => {
  const rows = rowsFor(cols);
  return [
    drawn('N(0, 4²)', inputs.normal(rows * cols, 0, 4, 7 + cols), cols),
    drawn('a third masked', inputs.masked(rows, cols, 0.33, 9 + cols), cols),
  ];
});

const everyTemperature = TEMPERATURES.flatMap((t) =>
  [2, 10, 65, 1000].flatMap((cols) => {
    const length = rowsFor(cols) * cols;
    return [
      drawn(`N(0, (4T)²), T = ${t}`, inputs.normal(length, 0, 4 * t, cols), cols, t),
      drawn(`N(200, 3²), T = ${t}`, inputs.normal(length, 200, 3, cols), cols, t),
    ];
  }),
);

const longAtTemperature = [BEYOND_TILE, LONG_ROW].flatMap((cols) => [
  drawn('N(0, 4²), T = 0.7', inputs.normal(cols, 0, 4, cols), cols, 0.7),
  drawn('N(-400, 4²)', inputs.normal(cols, -400, 4, cols), cols),
]);

const hard = [2, 3, 10, 64, 65, 1000].flatMap((cols) => {
  const rows = rowsFor(cols);
  const length = rows * cols;
  return [
    built('N(349, 3²)', inputs.normal(length, 349, 3, cols), cols),
    built('N(-350, 3²)', inputs.normal(length, -350, 3, cols), cols),
    built('N(1e4, 3²)', inputs.normal(length, 1e4, 3, cols), cols),
    built('N(-1e4, 3²)', inputs.normal(length, -1e4, 3, cols), cols),
    built('N(0, 1e-30²)', inputs.normal(length, 0, 1e-30, cols), cols),
    built('U(±200)', inputs.uniform(length, -200, 200, cols), cols),
    built('U(±1e4)', inputs.uniform(length, -1e4, 1e4, cols), cols),
    built('U(±1e38)', inputs.uniform(length, -1e38, 1e38, cols), cols),
    built('U(±3.4e38)', inputs.uniform(length, -3.4e38, 3.4e38, cols), cols),
    built('U(±3.4e38), T = 2^16', inputs.uniform(length, -3.4e38, 3.4e38, cols), cols, 2 ** 16),
    built('U(±3.4e38), T = 2^-16', inputs.uniform(length, -3.4e38, 3.4e38, cols), cols, 2 ** -16),
    built('N(345, 3²), T = 0.97', inputs.normal(length, 345, 3, cols), cols, 0.97),
    built('many ties', inputs.tied(length, cols), cols),
    built('all masked but a few', inputs.masked(rows, cols, 0.95, cols), cols),
    built('one above the rest by 2 to 20', inputs.nearCertain(rows, cols, 2, 20, cols).logits, cols),
    built('one above the rest by 20 to 75', inputs.nearCertain(rows, cols, 20, 75, cols).logits, cols),
  ];
});

/** Equal addends round the same way every time: the worst case of a long float32 sum. */
export const EQUAL_BESIDE_LARGER: LogitCase[] = [0.1, 1, 2.5, 5, 6.9, 12, 17].flatMap((gap) =>
  [0, 0.3, 200, -71.7].map((base) =>
    built(`1,023 equal to ${base}, one larger by ${gap}`, inputs.equalBesideLarger(3, 1024, base, gap), 1024),
  ),
);

export const LOGIT_CASES: LogitCase[] = [
  ...PROMISED,
  ...everyColumnCount,
  ...everyTemperature,
  ...longAtTemperature,
  ...hard,
  ...EQUAL_BESIDE_LARGER,
];
