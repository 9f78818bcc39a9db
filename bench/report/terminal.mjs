import { detailsOf, headOf } from './details.mjs';
import { shapesOf } from './figures.mjs';
import { OPS } from '../ops.mjs';
import { gainsOf } from './gains.mjs';
import { goalsOf } from './goals.mjs';
import { aligned } from './table.mjs';

/**
 * The tables of a run, for a terminal: what the package gains, then every figure.
 *
 * @param {import('../record.mjs').Record} record
 * @param {boolean} [goals] whether those of the kernels are judged at the end
 */
export function terminalOf(record, goals = false) {
  const { runtime, cpu, commit, missing } = record;
  const lines = [`${runtime.name} (${runtime.engine}), ${cpu}, commit ${commit}`];
  for (const { engine, reason } of missing) lines.push(`not measured: ${engine} (${reason})`);
  lines.push(...gainsOf(record));
  for (const { id } of OPS) {
    for (const shape of shapesOf(record, id)) {
      const { title, rows } = detailsOf(record, id, shape);
      lines.push('', title, ...aligned([headOf(record), ...rows]));
    }
  }
  if (goals) lines.push(...judgedGoals(record));
  return lines.join('\n');
}

/** @param {import('../record.mjs').Record} record */
function judgedGoals(record) {
  const goals = goalsOf([record]).filter(({ values }) => values.length > 0);
  const cells = goals.map(({ what, limit, worst, verdict }) => [what, limit, worst, verdict]);
  return cells.length === 0 ? [] : ['', 'Goals', ...aligned([['', 'goal', 'measured', ''], ...cells])];
}
