import { table } from './table.mjs';

/** What docs/performance.md shows of bench/results/rows.json. @param {any} record */
export function rowsOf({ runtime, tier, results }) {
  const two = (/** @type {number} */ v) => v.toFixed(2);
  const head = ['case', 'of plain rows', 'median', 'goal', 'of the loop', 'µs'];
  const body = results.map(({ name, goal, ns: { base, ours, hand } }) => [
    name,
    `${two(ours.min / base.min)} ×`,
    `${two(ours.p50 / base.p50)} ×`,
    `${goal} × ${ours.min / base.min <= goal ? 'met' : 'NOT met'}`,
    `${two(ours.min / hand.min)} ×`,
    String(Math.round(ours.min / 1000)),
  ]);
  return `${runtime.name}, ${tier}, one thread; ratios of minima.\n\n${table(head, body)}`;
}
