import { parse, View } from 'vega';
import { lossCurve } from './picture-curve.mjs';
import { CELL, digitCell } from './picture-digits.mjs';
import { heading, textMark } from './picture-style.mjs';
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
 * The loss curve above a typical mistake for each digit, as SVG.
 *
 * @param {{ curve: Curve, test: Digits, result: Result, tier: string }} run
 * @returns {Promise<string>}
 */
export async function drawPicture({ curve, test, result, tier }) {
  const mistakes = typicalMistakes(test, result);
  const lines = Math.ceil(mistakes.length / COLUMNS);
  /** @type {any} */
  const spec = {
    background: 'white',
    autosize: 'none',
    padding: 32,
    width: WIDTH,
    height: DIGITS_TOP + lines * (CELL.height + CELL.gap) - CELL.gap,
    marks: [
      heading(0, 0, 'MNIST by logistic regression, trained with crossEntropyWithGrad', 22),
      textMark(0, 34, summary(test, result, tier), { fontSize: 14 }),
      ...lossCurve(curve, { top: CURVE_TOP, width: WIDTH, height: CURVE_HEIGHT }),
      heading(0, DIGITS_TOP - 66, 'A typical mistake for each digit', 17),
      textMark(0, DIGITS_TOP - 38, 'The one of median confidence, with the predicted probability of each digit (bars)'),
      ...mistakes.map((row, i) => digitCell(test, result, row, cellPosition(i))),
    ],
  };
  return new View(parse(spec), { renderer: 'none' }).toSVG();
}

/** @param {Digits} test @param {Result} result @param {string} tier */
function summary(test, { accuracy }, tier) {
  return `${(100 * accuracy).toFixed(2)} % of ${test.count.toLocaleString('en')} test digits recognised, on tier ${tier}`;
}

/** @param {number} i */
function cellPosition(i) {
  const y = DIGITS_TOP + Math.floor(i / COLUMNS) * (CELL.height + CELL.gap);
  return { x: (i % COLUMNS) * (CELL.width + CELL.gap), y };
}

/**
 * For each digit, of the images of it that were taken for another, the one of median confidence.
 *
 * @param {Digits} test
 * @param {Result} result
 * @returns {number[]} image numbers
 */
function typicalMistakes({ labels }, { probs, predicted }) {
  const confidence = (/** @type {number} */ row) => probs[row * CLASSES + predicted[row]];
  const mistakes = Array.from(labels.keys()).filter((row) => predicted[row] !== labels[row]);
  mistakes.sort((a, b) => confidence(a) - confidence(b));
  return Array.from({ length: CLASSES }, (_, digit) => {
    const ofDigit = mistakes.filter((row) => labels[row] === digit);
    return ofDigit.slice(ofDigit.length >> 1)[0];
  }).filter((row) => row !== undefined);
}
