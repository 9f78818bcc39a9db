import { normal } from '../random.mjs';

/** Seeded rows of logits. */

export const COLUMNS = [64, 1000, 32_000, 128_256];

/** Elements of each kind and column count, at least. */
const ELEMENTS = 256_000;
const GAPS = [0.1, 1, 2.5, 5, 6.9, 12];

/** @typedef {{ kind: string, cols: number, rows: number, logits: Float32Array }} Input */

/** The kinds of rows, in the words of docs/accuracy.md. */
export const KINDS = {
  normal: 'N(0, 4²)',
  offset: 'N(200, 3²)',
  larger: 'equal logits, one of them larger',
};

/**
 * @param {number} cols
 * @returns {Input[]}
 */
export function inputsOf(cols) {
  const rows = Math.max(GAPS.length, Math.ceil(ELEMENTS / cols));
  return [
    { kind: 'normal', cols, rows, logits: normal(rows * cols, 0, 4, cols) },
    { kind: 'offset', cols, rows, logits: normal(rows * cols, 200, 3, cols + 1) },
    { kind: 'larger', cols, rows: GAPS.length, logits: equalBesideLarger(cols) },
  ];
}

/** Rows of zeros with one larger, by a gap that each row has of its own: equal addends round the same way every time. */
function equalBesideLarger(/** @type {number} */ cols) {
  const logits = new Float32Array(GAPS.length * cols);
  GAPS.forEach((gap, r) => (logits[r * cols + ((37 * (r + 1)) % cols)] = gap));
  return logits;
}
