import { fastestTier, find, perElement, ratio, shapesOf, three, times } from './figures.mjs';
import { shapeName, shapeOf, SHAPES } from '../shapes.mjs';
import { table } from './table.mjs';

/** One operation on all runtimes: a column for each, ours on the fastest tier that it has. */

/** @param {import('../record.mjs').Record[]} records @param {string} op */
export function sideBySide(records, op) {
  const shapes = SHAPES.filter(({ id }) => records.every((record) => shapesOf(record, op).includes(id)));
  const head = ['', ...records.map((record) => `${record.runtime.name}, ${fastestTier(record)}`)];
  const rowsOf = (/** @type {(record: any, shape: string) => string} */ cell) =>
    shapes.map(({ id }) => [shapeName(shapeOf(id)), ...records.map((record) => cell(record, id))]);
  const time = (mode) =>
    rowsOf((record, shape) => {
      const result = find(record, op, shape, `${fastestTier(record)} ${mode}`);
      return result?.min === undefined ? '-' : three(perElement(result));
    });
  const ratios = rowsOf((record, shape) =>
    times(ratio(record, op, shape, `${fastestTier(record)} alloc`, 'tfjs-wasm resident')),
  );
  return [
    'In linear memory, ns per element:',
    table(head, time('alloc')),
    'From ordinary arrays with `out`, ns per element:',
    table(head, time('out')),
    'In linear memory, of TF.js wasm, resident, on the same runtime:',
    table(head, ratios),
  ].join('\n\n');
}
