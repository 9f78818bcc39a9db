import { find, ratio, shapesOf } from './figures.mjs';
import { table } from './table.mjs';
import { shapeOf } from '../shapes.mjs';

/** What README.md shows of the records, between its two marks: how many times as long others take. */

/** The runtime of each column, by its place among the records, what it is called, and the peer. */
const COLUMNS = /** @type {const} */ ([
  [0, 'a loop', 'loop'],
  [1, 'a loop, Chromium', 'loop'],
  [2, 'a loop, Firefox', 'loop'],
  [0, 'TensorFlow.js, wasm', 'tfjs-wasm whole'],
  [0, 'ONNX Runtime Web', 'ort-web'],
  [0, 'ONNX Runtime, native', 'ort-node'],
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
  const rows = GROUPS.map(({ has }) => {
    const group = shapesOf(main, 'softmax').map(shapeOf).filter(has);
    const cells = COLUMNS.map(([which, , peer]) =>
      rangeOf(group.map(({ id }) => ratio(records[which], 'softmax', id, peer, 'relaxed out'))),
    );
    return [nameOf(group), ...cells];
  });
  const elsewhere = records
    .slice(1)
    .map(({ runtime }) => `${runtime.name.split(' ')[0]} ${runtime.version.split('.')[0]}`);
  return [
    `How many times as long others take for softmax. Below 1 the other is faster. A loop is one with \`Math.exp\`.`,
    table(['', ...COLUMNS.map(([, name]) => name)], rows),
    `On one thread of ${main.cpu}, in ${main.runtime.name} where nothing else is said (${elsewhere.join(', ')}). This package and the loop write into an array that is used again, the others return new ones.`,
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
  return `\`crossEntropyWithGrad\` gives loss and gradient in ${costs((cols) => cols >= 64)} times softmax's time from 64 columns on, and in ${costs((cols) => cols < 64)} with fewer.`;
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
