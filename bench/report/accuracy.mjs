import { COLUMNS, KINDS } from '../accuracy/inputs.mjs';
import { table } from './table.mjs';

/**
 * @typedef {{ id: string, name: string, version: string, runtime: string, certain: number }} Subject
 * @typedef {{ id: string, op: string, kind: string, cols: number, maxUlp: number, meanUlp: number, rowSumError: number }} Result
 * @typedef {{ cpu: string, system: string, implementations: Subject[], results: Result[] }} Record
 */

/** What docs/accuracy.md shows of a record, as Markdown. @param {Record} record */
export function accuracyOf(record) {
  const sections = [subjects(record)];
  for (const [op, title] of [
    ['softmax', 'softmax'],
    ['logSoftmax', 'log_softmax'],
  ]) {
    for (const [kind, name] of Object.entries(KINDS)) {
      const rows = (/** @type {string} */ id, /** @type {number} */ cols) => {
        const [{ maxUlp, meanUlp }] = record.results.filter(
          (r) => r.op === op && r.kind === kind && r.id === id && r.cols === cols,
        );
        return `${ulp(maxUlp)} (${ulp(meanUlp)})`;
      };
      sections.push(`### ${title}, rows of ${name}: max (mean) ULP\n\n${byColumns(record, rows)}`);
    }
    const worst = (/** @type {string} */ id, /** @type {number} */ cols) => {
      const ofAll = record.results.filter((r) => r.op === op && r.id === id && r.cols === cols);
      return Math.max(...ofAll.map(({ rowSumError }) => rowSumError))
        .toExponential(1)
        .replace('-', '−');
    };
    const sum = op === 'softmax' ? '|Σ y − 1|' : '|Σ exp(y) − 1|';
    sections.push(`### ${title}: worst row's ${sum}\n\n${byColumns(record, worst)}`);
  }
  return sections.join('\n\n');
}

/** @param {Record} record */
function subjects({ cpu, system, implementations }) {
  const rows = implementations.map(({ name, version, runtime, certain }) => {
    return [name, name === 'Math.exp loop' ? '' : version, runtime, String(certain).replace(/-/g, '−')];
  });
  const head = ['', 'version', 'measured on', 'log_softmax([0, −20])[0]'];
  return `${cpu}, ${system}.\n\n${table(head, rows)}`;
}

/** @param {Record} record @param {(id: string, cols: number) => string} cell */
function byColumns({ implementations }, cell) {
  const head = ['columns', ...COLUMNS.map((cols) => cols.toLocaleString('en'))];
  return table(
    head,
    implementations.map(({ id, name }) => [name, ...COLUMNS.map((cols) => cell(id, cols))]),
  );
}

/** Three figures where they say something. @param {number} v */
function ulp(v) {
  if (v < 10) return v.toFixed(v < 1 ? 2 : 1);
  return Math.round(v).toLocaleString('en');
}
