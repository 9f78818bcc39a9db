// Functions of install.sql against the same in plain SQL, in one ClickHouse, on one thread: nanoseconds an element.
//
//   npm run build && node bench/clickhouse.mjs
//
// Writes bench/results/clickhouse.json and the tables of docs/clickhouse.md. First the results of
// both are compared; then they take turns, and the best of ROUNDS counts.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { keep } from './render.mjs';
import { PLAIN_EXP as EXP, startSql } from './ways/sql.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const ROUNDS = 5;
const SHAPES = [
  [1_000_000, 10],
  [100_000, 100],
  [10_000, 1000],
  [300, 32_000],
];

const OPS = [
  { name: 'softmax', plain: [EXP, 'arrayMap(v -> toFloat32(v / z), e)'], call: 'softmax(x)' },
  {
    name: 'logSoftmax',
    plain: [`${EXP}, m + log(z) AS l`, 'arrayMap(v -> toFloat32(v - l), x)'],
    call: 'logSoftmax(x)',
  },
  { name: 'logSumExp', plain: [EXP, 'toFloat32(m + log(z))'], call: 'logSumExp(x)' },
  { name: 'crossEntropy', plain: [EXP, 'toFloat32(m + log(z) - x[target + 1])'], call: 'crossEntropy(x, target)' },
  {
    name: 'crossEntropyWithGrad',
    plain: [
      EXP,
      '(arrayMap((v, i) -> toFloat32(v / z - (i = target + 1)), e, arrayEnumerate(e)), toFloat32(m + log(z) - x[target + 1]))',
    ],
    call: 'crossEntropyWithGrad(x, target)',
  },
];

const server = await startSql();
try {
  server.run('functions-row-binary.sql', (sql) => sql.replace(/FUNCTION (\w+)/, 'FUNCTION $1RowBinary'));
  server.query('SET max_threads = 1');
  server.query('SET webassembly_udf_max_fuel = 0');
  await keep('clickhouse', true, {
    command: 'node bench/clickhouse.mjs',
    clickhouse: server.query('SELECT version()'),
    results: SHAPES.flatMap(([rows, cols]) => measure(rows, cols)),
  });
} finally {
  server.stop();
}

function measure(rows, cols) {
  server.query('DROP TABLE IF EXISTS logits');
  server.query('CREATE TABLE logits (x Array(Float32), target UInt16) ENGINE = MergeTree ORDER BY tuple()');
  server.query(`INSERT INTO logits SELECT arrayMap(i -> toFloat32(randNormal(0, 4, i + number * ${cols})), range(${cols})),
    number % ${cols} FROM numbers(${rows})`);
  const where = (expression, prelude) =>
    `${prelude ? `WITH ${prelude} ` : ''}SELECT count() FROM logits WHERE NOT ignore(${expression})`;
  return OPS.map(({ name, plain: [prelude, expression], call }) => {
    compare(prelude, expression, call);
    const ways = {
      read: where('x, target'),
      buffers: where(call),
      rowBinary: where(call.replace('(', 'RowBinary(')),
      plain: where(expression, prelude),
    };
    const best = {};
    for (let round = 0; round < ROUNDS; round++) {
      for (const [way, sql] of Object.entries(ways)) {
        const begin = performance.now();
        assert.equal(server.query(sql), String(rows));
        const ns = ((performance.now() - begin) * 1e6) / (rows * cols);
        best[way] = Math.min(best[way] ?? Infinity, ns);
      }
    }
    console.error(`${rows} × ${cols}, ${name}`);
    return { name, rows, cols, ...Object.fromEntries(Object.entries(best).map(([way, ns]) => [way, +ns.toFixed(2)])) };
  });
}

/** Both ways give the same numbers, but for rounding. */
function compare(prelude, expression, call) {
  const flat = (value) => `arrayFlatten([${value}])`;
  const values = (value) => (call.includes('WithGrad') ? `arrayPushBack((${value}).1, (${value}).2)` : flat(value));
  const far = server.query(`WITH ${prelude} SELECT max(arrayMax(arrayMap((a, b) -> abs(a - b) / (1 + abs(b)),
    ${values(call)}, ${values(expression)}))) FROM (SELECT * FROM logits LIMIT 1000)`);
  assert.ok(Number(far) < 1e-5, `${call} and plain SQL differ by ${far}`);
}
