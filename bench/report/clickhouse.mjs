import { table } from './table.mjs';

/** What docs/clickhouse.md shows of bench/results/clickhouse.json. @param {any} record */
export function clickHouseOf({ cpu, clickhouse, results }) {
  const rows = results.map(({ name, rows, cols, read, buffers, rowBinary, plain }) => [
    name,
    `${rows} × ${cols}`,
    ...[read, buffers, rowBinary, plain].map((ns) => ns.toFixed(2)),
  ]);
  const head = ['function', 'rows × columns', 'reading alone', 'this module', 'over RowBinary', 'plain SQL'];
  return [
    `ClickHouse ${clickhouse}, one thread, ${cpu}; ns an element, reading the table included.`,
    table(head, rows, 2),
  ].join('\n\n');
}
