import { parse, View } from 'vega';
import { lossCurve } from './picture-curve.mjs';
import { CELL, digitCell } from './picture-digits.mjs';
import { COLOURS, heading, textMark } from './picture-style.mjs';
import { CLASSES } from './train.mjs';

/**
 * @typedef {import('./data.mjs').Digits} Digits
 * @typedef {{ epoch: number, loss: number }} Point
 * @typedef {{ train: Point[], test: Point[] }} Curve   training: one point per minibatch; test: one per epoch
 * @typedef {ReturnType<typeof import('./train.mjs').evaluate>} Result
 */

const COLUMNS = 5;
const WIDTH = COLUMNS * (CELL.width + CELL.gap) - CELL.gap;
const CURVE_TOP = 92;
const CURVE_HEIGHT = 240;
const DIGITS_TOP = CURVE_TOP + CURVE_HEIGHT + 140;

/**
 * The loss curve above one mistake for each digit, as SVG.
 *
 * @param {{ curve: Curve, test: Digits, result: Result, tier: string }} run
 * @returns {Promise<string>}
 */
export async function drawPicture({ curve, test, result, tier }) {
  const mistakes = boldestMistakes(test, result);
  const lines = Math.ceil(mistakes.length / COLUMNS);
  /** @type {any} */
  const spec = {
    background: 'white',
    padding: 32,
    width: WIDTH,
    height: DIGITS_TOP + lines * (CELL.height + CELL.gap) - CELL.gap,
    marks: [
      heading(0, 0, 'MNIST by logistic regression, trained with crossEntropyWithGrad', 22),
      textMark(0, 34, summary(test, result, tier), { fontSize: 14 }),
      ...lossCurve(curve, { top: CURVE_TOP, width: WIDTH, height: CURVE_HEIGHT }),
      heading(0, DIGITS_TOP - 62, 'The most confident mistake for each digit', 17),
      ...barLegend(DIGITS_TOP - 35),
      ...mistakes.map((row, i) => digitCell(test, result, row, cellPosition(i))),
    ],
  };
  return new View(parse(spec), { renderer: 'none' }).toSVG();
}

/** @param {Digits} test @param {Result} result @param {string} tier */
function summary(test, { accuracy }, tier) {
  return `${(100 * accuracy).toFixed(2)} % of ${test.count.toLocaleString('en')} test digits recognised, on tier ${tier}`;
}

/** @param {number} y */
function barLegend(y) {
  return [
    textMark(0, y, 'Bars: predicted probability of each digit,'),
    textMark(254, y, 'the true one', { fill: COLOURS.truth, fontWeight: 600 }),
    textMark(337, y, 'and'),
    textMark(365, y, 'the predicted one', { fill: COLOURS.guess, fontWeight: 600 }),
  ];
}

/** @param {number} i */
function cellPosition(i) {
  const y = DIGITS_TOP + Math.floor(i / COLUMNS) * (CELL.height + CELL.gap);
  return { x: (i % COLUMNS) * (CELL.width + CELL.gap), y };
}

/**
 * For each true digit the image that was taken for another with the highest probability.
 *
 * @param {Digits} test
 * @param {Result} result
 * @returns {number[]} image numbers
 */
function boldestMistakes({ labels }, { probs, predicted }) {
  /** @type {number[]} */
  const boldest = [];
  const confidence = (/** @type {number} */ row) => probs[row * CLASSES + predicted[row]];
  predicted.forEach((digit, row) => {
    const other = boldest[labels[row]];
    if (digit === labels[row]) return;
    if (other === undefined || confidence(row) > confidence(other)) boldest[labels[row]] = row;
  });
  return boldest.filter((row) => row !== undefined);
}
