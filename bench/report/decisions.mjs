import { SUBJECTS } from '../engines/names.mjs';
import { duration, times } from './figures.mjs';
import { table } from './table.mjs';

/**
 * @typedef {{ min: number, p50: number }} Timing
 * @typedef {{ name: string, goals: import('../ways/decisions.mjs').Goal[], ns: { [id: string]: any } }} Result
 */

/** What docs/performance.md shows of bench/results/decisions.json. @param {any} record */
export function decisionsOf(record) {
  const { runtime, tier, versions, results } = record;
  const goals = results.flatMap((result) =>
    result.goals.map((goal) => [result.name, ...goalLine(result, goal), duration(result.ns.ours.min)]),
  );
  const peers = results.flatMap(({ name, ns }) =>
    Object.entries(ns)
      .filter(([id]) => id !== 'ours')
      .map(([id, timing], i) => [
        i === 0 ? name : '',
        titleOf(id, versions),
        timing.failed ?? duration(timing.min),
        timing.failed ? '' : times(timing.min / ns.ours.min),
      ]),
  );
  return `${runtime.name}, ${tier}, one thread but where two are named; ratios of minima.

${table(['case', 'of', 'ratio', 'median', 'goal', 'ours'], goals, 2)}

How long others take, and of our time:

${table(['case', 'who', 'minimum', 'of ours'], peers, 2)}`;
}

/** Of what, the ratio of minima, of medians, the goal. @param {Result} result @param {Result['goals'][0]} goal */
export function goalLine({ ns }, { of, times: most, plusNs = 0 }) {
  const [{ min, p50 }, base] = [ns.ours, ns[of]];
  const limit = most * base.min + plusNs;
  const text = `${Number(most.toPrecision(3))} ×${plusNs === 0 ? '' : ` + ${duration(plusNs)}`}`;
  const ratio = (/** @type {number} */ v) => `${v.toFixed(v < 0.1 ? 4 : 2)} ×`;
  return [of, ratio(min / base.min), ratio(p50 / base.p50), `${text} ${min <= limit ? 'met' : 'NOT met'}`];
}

/** @param {string} id @param {{ [id: string]: string }} versions */
function titleOf(id, versions) {
  return id in versions ? `${SUBJECTS[id] ?? 'TF.js wasm'} ${versions[id]}` : id;
}
