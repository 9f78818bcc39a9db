import { SUBJECTS } from '../engines/names.mjs';
import { opOf } from '../ops.mjs';
import { shapeName, shapeOf } from '../shapes.mjs';
import { duration, fastestTier, gigabytes, perElement, ratio, three, times } from './figures.mjs';

/** Every figure of one case, as rows of cells: what `npm run bench` and its --print show. */

/** The head of the table. @param {import('../record.mjs').Record} record */
export function headOf(record) {
  const tier = fastestTier(record);
  return ['', 'p50', 'min', 'ns/element', 'GB/s', `of ${tier}, in memory`, `of ${tier}, \`out\``];
}

/**
 * @param {import('../record.mjs').Record} record
 * @param {string} op
 * @param {string} shape
 * @returns {{ title: string, rows: string[][] }}
 */
export function detailsOf(record, op, shape) {
  const order = Object.keys(SUBJECTS);
  const tier = fastestTier(record);
  const results = record.results
    .filter((r) => r.op === op && r.shape === shape)
    .sort((a, b) => order.indexOf(a.subject) - order.indexOf(b.subject));
  const { use, ...rest } = shapeOf(shape);
  return {
    title: `${opOf(op).title}, ${shapeName(rest)}: ${use}`,
    rows: results.map((result) => {
      const name = SUBJECTS[result.subject] ?? result.subject;
      if (result.wrong !== undefined) return [name, 'WRONG', result.wrong, '', '', '', ''];
      if (result.failed !== undefined) return [name, 'FAILED', result.failed, '', '', '', ''];
      return [
        name,
        duration(result.p50),
        duration(result.min),
        three(perElement(result)),
        three(gigabytes(result)),
        ...[`${tier} alloc`, `${tier} out`].map((base) => times(ratio(record, op, shape, result.subject, base))),
      ];
    }),
  };
}
