import { find, ratio, shapesOf } from './figures.mjs';
import { table } from './table.mjs';
import { shapeOf } from '../shapes.mjs';

/** What README.md shows of the records, between its two marks: how many times as long others take. */

/** What each row is called, the peer, and its runtime by its place among the records. */
const ROWS = /** @type {const} */ ([
  ['a loop with `Math.exp`', 'loop', 0],
  ['… in Chromium', 'loop', 1],
  ['… in Firefox', 'loop', 2],
  ['TensorFlow.js, wasm', 'tfjs-wasm whole', 0],
  ['ONNX Runtime Web', 'ort-web', 0],
  ['ONNX Runtime, native', 'ort-node', 0],
]);

/** Each shape that is measured is in one of these. */
export const GROUPS = [
  { has: ({ cols }) => cols >= 1000 },
  { has: ({ rows, cols }) => rows > 1 && cols < 1000 },
  { has: ({ rows, cols }) => rows === 1 && cols < 1000 },
];

/** @typedef {import('../record.mjs').Record} Record @typedef {import('../shapes.mjs').Shape} Shape */

/** @param {[main: Record, chromium: Record, firefox: Record]} records */
export function speedOf(records) {
  const [main] = records;
  const groups = GROUPS.map(({ has }) => shapesOf(main, 'softmax').map(shapeOf).filter(has));
  const rows = ROWS.map(([name, peer, which]) => [
    name,
    ...groups.map((group) => rangeOf(group.map(({ id }) => ratio(records[which], 'softmax', id, peer, 'relaxed out')))),
  ]);
  const elsewhere = records
    .slice(1)
    .map(({ runtime }) => `${runtime.name.split(' ')[0]} ${runtime.version.split('.')[0]}`);
  return [
    'How many times as long others take for softmax, for short and long rows of scores. Below 1 the other is faster.',
    table(['', ...groups.map(nameOf)], rows),
    `One thread of ${main.cpu}, ${main.runtime.name}, ${elsewhere.join(', ')}. This package and the loop write into an array that is used again; the others return new ones.`,
    besideSoftmax(main),
  ].join('\n\n');
}

/** What loss and gradient cost. @param {Record} record */
function besideSoftmax(record) {
  const costs = (/** @type {(cols: number) => boolean} */ has) =>
    rangeOf(
      shapesOf(record, 'crossEntropyWithGrad')
        .filter((id) => has(shapeOf(id).cols))
        .map(
          (id) =>
            find(record, 'crossEntropyWithGrad', id, 'relaxed out').min /
            find(record, 'softmax', id, 'relaxed out').min,
        ),
    );
  return `\`crossEntropyWithGrad\` gives loss and gradient together. In rows of 64 scores and more that takes ${costs((cols) => cols >= 64)} times as long as softmax, in shorter ones ${costs((cols) => cols < 64)}.`;
}

/** `1 to 8,192 rows of 1,000 to 128,256` @param {Shape[]} group */
function nameOf(group) {
  const of = (/** @type {'rows' | 'cols'} */ size) => {
    const sizes = group.map((shape) => shape[size]);
    return [...new Set([Math.min(...sizes), Math.max(...sizes)])].map((n) => n.toLocaleString('en')).join(' to ');
  };
  const rows = of('rows');
  return `${rows} ${rows === '1' ? 'row' : 'rows'} of ${of('cols')}`;
}

/** The least and the largest that were measured. @param {(number | null)[]} values */
function rangeOf(values) {
  const known = values.filter((v) => v !== null);
  if (known.length === 0) return '-';
  return [...new Set([Math.min(...known), Math.max(...known)].map(two))].join(' to ');
}

/** Two figures. @param {number} v */
function two(v) {
  return v >= 9.95 ? v.toFixed(0) : v >= 0.95 ? v.toFixed(1) : v.toFixed(2);
}
