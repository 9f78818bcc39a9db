import { detailsOf, headOf } from './details.mjs';
import { shapesOf } from './figures.mjs';
import { OPS } from '../ops.mjs';
import { goalsOf } from './goals.mjs';

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

/** @param {string[][]} rows */
export function aligned(rows) {
  const widths = rows[0].map((_, k) => Math.max(...rows.map((row) => (isNote(row) && k > 1 ? 0 : row[k].length))));
  return rows.map((row) => {
    if (isNote(row)) return `${row[0].padEnd(widths[0])}  ${row[1]}: ${row[2]}`;
    return row
      .map((cell, k) => (k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k])))
      .join('  ')
      .trimEnd();
  });
}

/** A row that tells what is wrong instead of figures. @param {string[]} row */
function isNote([, first]) {
  return first === 'WRONG' || first === 'FAILED';
}
