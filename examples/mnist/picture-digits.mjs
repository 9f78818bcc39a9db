import { COLOURS, constants, FONT, textMark } from './picture-style.mjs';
import { CLASSES } from './train.mjs';

/**
 * @typedef {import('./data.mjs').Digits} Digits
 * @typedef {import('./picture.mjs').Result} Result
 */

const PIXEL = 3;
const IMAGE = 28 * PIXEL;
const IMAGE_TOP = 26;
const BARS = { left: IMAGE + 14, step: 11, width: 9, height: IMAGE - 16 };

/** One mistake: what it is and was taken for, the image, the predicted distribution. */
export const CELL = { width: BARS.left + CLASSES * BARS.step, height: IMAGE_TOP + IMAGE, gap: 32 };

/**
 * @param {Digits} test
 * @param {Result} result
 * @param {number} row            which image
 * @param {{ x: number, y: number }} position
 */
export function digitCell(test, { probs, predicted }, row, position) {
  const truth = test.labels[row];
  const guess = predicted[row];
  const confidence = `${Math.round(100 * probs[row * CLASSES + guess])} %`;
  const bars = Array.from({ length: CLASSES }, (_, digit) => bar(digit, probs[row * CLASSES + digit], truth, guess));
  return {
    type: 'group',
    encode: { enter: constants(position) },
    marks: [
      textMark(0, 0, `a ${truth}`, { fontWeight: 600, fill: COLOURS.truth }),
      textMark(BARS.left, 0, `taken for ${guess}, ${confidence}`, { fontWeight: 600, fill: COLOURS.guess }),
      ...imageMarks(test, row),
      ...bars.flat(),
    ],
  };
}

/**
 * Dark ink on light paper.
 *
 * @param {Digits} test
 * @param {number} row
 */
function imageMarks({ pixels, features, width }, row) {
  const image = pixels.subarray(row * features, (row + 1) * features);
  const values = Array.from(image, (ink, i) => ({
    ink,
    x: (i % width) * PIXEL,
    y: Math.floor(i / width) * PIXEL + IMAGE_TOP,
  }));
  const field = (/** @type {string} */ name) => ({ field: name });
  const shade = {
    signal: "'rgb(' + join([247 - datum.ink * 0.88, 248 - datum.ink * 0.85, 250 - datum.ink * 0.82], ',') + ')'",
  };
  const paper = { x: 0, y: IMAGE_TOP, width: IMAGE, height: IMAGE, fill: 'rgb(247,248,250)' };
  // A little wider than a pixel, so that no seams show where the picture is scaled.
  const dot = { x: field('x'), y: field('y'), width: PIXEL + 0.4, height: PIXEL + 0.4, fill: shade };
  return [
    { type: 'rect', encode: { enter: constants(paper) } },
    {
      type: 'group',
      data: [{ name: 'ink', values: values.filter(({ ink }) => ink > 0) }],
      marks: [{ type: 'rect', from: { data: 'ink' }, encode: { enter: constants(dot) } }],
    },
  ];
}

/** @param {number} digit @param {number} prob @param {number} truth @param {number} guess */
function bar(digit, prob, truth, guess) {
  const marked = digit === truth ? COLOURS.truth : digit === guess ? COLOURS.guess : null;
  const height = Math.max(1, prob * BARS.height);
  const x = BARS.left + digit * BARS.step;
  const bottom = IMAGE_TOP + BARS.height;
  const label = {
    align: 'center',
    font: FONT,
    fontSize: 11,
    fontWeight: marked === null ? 'normal' : 700,
    fill: marked ?? COLOURS.muted,
  };
  return [
    {
      type: 'rect',
      encode: { enter: constants({ x, y: bottom - height, width: BARS.width, height, fill: marked ?? COLOURS.bar }) },
    },
    textMark(x + BARS.width / 2, bottom + 4, String(digit), label),
  ];
}
