/** The one writer of tables: for documents, and for terminals. */

/**
 * Markdown. Columns are not padded: Prettier does that in the documents that it formats, and the others are shorter so.
 *
 * @param {string[]} head
 * @param {string[][]} rows
 * @param {number} [left] as many columns are aligned to the left, the others to the right
 */
export function table(head, rows, left = 1) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map((_, k) => (k < left ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

/** Lines of columns, the first aligned to the left. @param {string[][]} rows */
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
