import { detailsOf, headOf } from './details.mjs';
import { shapesOf } from './figures.mjs';
import { OPS } from '../ops.mjs';
import { goalsOf } from './goals.mjs';
import { aligned } from './table.mjs';

/** The tables of a run, for a terminal. @param {import('../record.mjs').Record} record */
export function terminalOf(record) {
  const { runtime, cpu, commit, missing } = record;
  const lines = [`${runtime.name} (${runtime.engine}), ${cpu}, commit ${commit}`];
  for (const { engine, reason } of missing) lines.push(`not measured: ${engine} (${reason})`);
  for (const { id } of OPS) {
    for (const shape of shapesOf(record, id)) {
      const { title, rows } = detailsOf(record, id, shape);
      lines.push('', title, ...aligned([headOf(record), ...rows]));
    }
  }
  const goals = goalsOf([record]).filter(({ values }) => values.length > 0);
  if (goals.length > 0) {
    const cells = goals.map(({ what, limit, worst, verdict }) => [what, limit, worst, verdict]);
    lines.push('', 'Goals', ...aligned([['', 'goal', 'measured', ''], ...cells]));
  }
  return lines.join('\n');
}
