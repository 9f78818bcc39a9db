import { SUBJECTS } from '../engines/names.mjs';
import { opOf, OPS } from '../ops.mjs';
import { shapeName, shapeOf } from '../shapes.mjs';
import { duration, fastestTier, find, ratio, shapesOf, times } from './figures.mjs';
import { aligned } from './table.mjs';

/** What who measures wants to know first: what this package takes on his machine, and how many times as long others do. */

/** What takes ordinary arrays, as a program has them, and gives ordinary arrays. */
const PEERS = ['loop', 'tfjs-wasm whole', 'ort-web', 'ort-node', 'transformers', 'jax whole'];

/** @param {import('../record.mjs').Record} record @returns {string[]} lines for a terminal */
export function gainsOf(record) {
  const ours = `${fastestTier(record)} out`;
  const peers = PEERS.filter((peer) =>
    record.results.some(({ subject, min }) => subject === peer && min !== undefined),
  );
  const rows = OPS.flatMap(({ id }) =>
    shapesOf(record, id).flatMap((shape) => {
      const { min } = find(record, id, shape, ours) ?? {};
      if (min === undefined) return [];
      const cells = peers.map((peer) => times(ratio(record, id, shape, peer, ours)));
      return [[`${opOf(id).title}, ${shapeName(shapeOf(shape))}`, duration(min), ...cells]];
    }),
  );
  if (rows.length === 0) return [];
  return [
    '',
    'What you gain: the time of this package, and how many times as long others take (below 1× they are faster)',
    ...aligned([['rows × columns', 'this package', ...peers.map((peer) => SUBJECTS[peer])], ...rows]),
  ];
}
