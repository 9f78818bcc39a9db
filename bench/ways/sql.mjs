import { join } from 'node:path';
import { startServer } from '../../examples/clickhouse/server.mjs';
import { install } from '../../scripts/install.mjs';
import { createEngine } from '../../dist/index.js';
import { checkBits } from './batch.mjs';

/** Softmax in ClickHouse over a table, by this package's function and in plain SQL. The results are computed and dropped. */

const CHECKED_ROWS = 100;
/** Plain SQL as one would write it: the row's max first, so that nothing overflows. ClickHouse's exp gives Float64. */
export const PLAIN_EXP = 'arrayMax(x) AS m, arrayMap(v -> exp(v - m), x) AS e, arraySum(e) AS z';
const EXPRESSIONS = [
  { id: 'sql', expression: 'softmax(x)' },
  { id: 'plain sql', prelude: `WITH ${PLAIN_EXP}`, expression: 'arrayMap(v -> toFloat32(v / z), e)' },
];
/** Plain SQL rounds x − max to Float32, which is some 1e-6 of the result. */
const AGREE = 1e-5;

/** The functions are of the tier `simd`. */
const engine = createEngine({ tier: 'simd' });

/** ClickHouse with the functions installed. */
export async function startSql() {
  install('examples/clickhouse');
  const server = await startServer();
  server.run('install.sql');
  return server;
}

/** @param {import('./batch.mjs').Batch} batch @param {any} server @returns {import('./batch.mjs').Way[]} */
export function sqlWays({ rows, cols, logits, folder }, server) {
  server.query('DROP TABLE IF EXISTS logits');
  server.query('CREATE TABLE logits (id UInt32, x Array(Float32)) ENGINE = MergeTree ORDER BY id');
  const file = `file('${join(folder, 'logits.npy')}', 'Npy', 'array Array(Float32)')`;
  server.query(`INSERT INTO logits SELECT rowNumberInAllBlocks(), array FROM ${file} SETTINGS max_threads = 1`);
  server.query('OPTIMIZE TABLE logits FINAL');
  const want = engine.softmax(logits.subarray(0, CHECKED_ROWS * cols), cols);
  return EXPRESSIONS.map(({ id, prelude = '', expression }) => {
    const call = () => {
      const count = server.query(`${prelude} SELECT count() FROM logits WHERE NOT ignore(${expression})`);
      if (count !== String(rows)) throw new Error(`${id}: ${count} rows instead of ${rows}`);
    };
    const check = async () => {
      call();
      const first = `SELECT arrayJoin(y) FROM (${prelude} SELECT ${expression} AS y FROM logits
        WHERE id < ${CHECKED_ROWS} ORDER BY id)`;
      const got = new Float32Array((await server.bytes(first, 'RowBinary')).slice().buffer);
      if (id === 'sql') checkBits(id, got, want);
      else checkNear(id, got, want);
    };
    return { id, call, results: () => [], check };
  });
}

/** @param {string} id @param {Float32Array} got @param {Float32Array} want */
function checkNear(id, got, want) {
  if (got.length !== want.length) throw new Error(`${id}: ${got.length} elements instead of ${want.length}`);
  got.forEach((value, i) => {
    if (!(Math.abs(value - want[i]) <= AGREE * want[i] + 1e-37)) throw new Error(`${id}: ${value}, not ${want[i]}`);
  });
}
