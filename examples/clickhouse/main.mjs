// Installs softmax-simd in ClickHouse by its SQL, tries every function there, and compares a million rows with the
// library, bit for bit.
//
//   npm run check -- clickhouse
//
// Exits with 1 when something is not as it should be.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as s from '../../dist/index.js';
import { compareMatrix, compareRagged, createMatrix, createRagged } from './bits.mjs';
import { startServer } from './server.mjs';

const ROWS = 1_000_000;
const COLS = 10;
const RAGGED_ROWS = 100_000;
const SUFFIXES = ['', 'RowBinary'];

const server = await startServer();
try {
  await step(`ClickHouse ${server.query('SELECT version()')}: install.sql, twice`, () => {
    server.run('install.sql');
    server.run('install.sql');
  });
  await step('functions-row-binary.sql, beside it under other names', () => {
    server.run('functions-row-binary.sql', (sql) => sql.replace(/FUNCTION (\w+)/, 'FUNCTION $1RowBinary'));
    server.query('SET webassembly_udf_max_fuel = 0');
  });
  for (const suffix of SUFFIXES) {
    await step(`results and errors${suffix && `, ${suffix}`}`, () => {
      checkResults(suffix);
      checkErrors(suffix);
    });
  }
  await step(`${ROWS} rows of ${COLS}`, () => createMatrix(server, ROWS, COLS));
  await step(`${RAGGED_ROWS} ragged rows, some of nothing, NaN or infinities`, () => createRagged(server, RAGGED_ROWS));
  for (const suffix of SUFFIXES) {
    await step(`the library's bits for both${suffix && `, ${suffix}`}`, async () => {
      await compareMatrix(server, suffix, ROWS, COLS);
      await compareRagged(server, suffix, RAGGED_ROWS);
    });
  }
  await step('labels of other types, and columns stored in other ways', checkColumns);
  await step('blocks, threads and memory', checkBlocks);
  await step('a temperature fitted in SQL', checkCalibration);
  await step('what SQL has for the largest', checkLargest);
  await step('uninstall.sql', checkUninstall);
  console.log('ClickHouse: all as it should be');
} finally {
  server.stop();
}

async function step(name, work) {
  const begin = performance.now();
  await work();
  console.log(`${name}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
}

/** In SQL: expressions beside what the server prints for them. */
function checkResults(suffix) {
  const f = (name, ...args) => `${name}${suffix}(${args.join(', ')})`;
  const a = (...values) => `[${values.join(', ')}]::Array(Float32)`;
  const cases = [
    // softmax([1, 2, 3]) and its companions, as PyTorch prints them.
    [f('softmax', a(1, 2, 3)), '[0.09003057,0.24472848,0.66524094]'],
    [f('softmaxWithTemperature', a(1, 2, 3), '0.5'), '[0.015876241,0.117310435,0.8668133]'],
    [f('softmaxWithTemperature', a(2, 4, 6), '2'), '[0.09003057,0.24472848,0.66524094]'],
    [f('logSoftmax', a(0, -20)), '[-2.0611537e-9,-20]'],
    [f('logSoftmaxWithTemperature', a(0, -40), '2'), '[-2.0611537e-9,-20]'],
    [f('logSumExp', a(0, -20)), '2.0611537e-9'],
    [f('logSumExpWithTemperature', a(0, -40), '2'), '2.0611537e-9'],
    [f('crossEntropy', a(1, 2, 3), 1), '1.407606'],
    [f('crossEntropyWithTemperature', a(2, 4, 6), 1, 2), '1.407606'],
    [f('crossEntropyGrad', a(1, 2, 3), 1), '[0.09003057,-0.75527155,0.66524094]'],
    [f('crossEntropyWithGrad', a(1, 2, 3), 1), '([0.09003057,-0.75527155,0.66524094],1.407606)'],
    [`${f('crossEntropyWithGrad', a(1, 2, 3), 1)}.loss`, '1.407606'],
    [f('crossEntropyProbs', a(1, 2, 3), a(0, 1, 0)), '1.407606'],
    [f('crossEntropyProbsGrad', a(1, 2, 3), a(0, 1, 0)), '[0.09003057,-0.75527155,0.66524094]'],
    [`${f('crossEntropyProbsWithGrad', a(1, 2, 3), a(0, 1, 0))}.dlogits`, '[0.09003057,-0.75527155,0.66524094]'],
    // The edges of the package: masks, NaN, infinities, ignored rows, a perfect fit.
    [f('softmax', a('-inf', 1, 1)), '[0,0.5,0.5]'],
    [f('softmax', a('nan', 1)), '[nan,nan]'],
    [f('softmax', a('inf', 1)), '[nan,nan]'],
    [f('softmax', a('-inf', '-inf')), '[nan,nan]'],
    [f('logSumExp', a('inf', 1)), 'inf'],
    [f('logSumExp', a('-inf', '-inf')), '-inf'],
    [f('crossEntropy', a(1, 2), -100), '0'],
    [f('crossEntropyGrad', a('nan', 2), -100), '[0,0]'],
    [f('crossEntropy', a('-inf', 2), 0), 'inf'],
    [f('crossEntropy', a(1000, 0), 0), '0'],
    // Nothing has no probabilities; a sum of nothing is 0, its logarithm -inf.
    [f('softmax', a()), '[]'],
    [f('logSumExp', a()), '-inf'],
    [f('crossEntropy', a(), -100), '0'],
    [f('crossEntropyProbs', a(), a()), '0'],
    [f('crossEntropy', a(1, 2), 'NULL'), '\\N'],
  ];
  for (const [sql, expected] of cases) assert.equal(server.query(`SELECT ${sql}`), expected, sql);
}

function checkErrors(suffix) {
  const x = '[1, 2, 3]::Array(Float32)';
  const cases = [
    [`crossEntropy${suffix}(${x}, 3)`, 'crossEntropy: expected target to be in [0, 3) or ignoreIndex -100, got 3'],
    [`crossEntropyGrad${suffix}(${x}, -1)`, 'expected target to be in [0, 3) or ignoreIndex -100, got -1'],
    [`softmaxWithTemperature${suffix}(${x}, 0)`, 'expected temperature to be a number in [2^-16, 2^16], got 0'],
    [`crossEntropyProbs${suffix}(${x}, [1]::Array(Float32))`, 'targets.length to be logits.length = 3, got 1'],
    [`softmax${suffix}([1., 2.])`, 'expected (Array(Float32)), got (Array(Float64))'],
  ];
  for (const [sql, message] of cases) {
    const error = server.errorOf(`SELECT ${sql}`);
    assert.ok(error?.includes(message), `${sql}: ${error}`);
  }
  // In the middle of a table, and the server goes on.
  const rows = `SELECT crossEntropy${suffix}(x, if(id = 77777, 10, target)) FROM matrix`;
  if (server.query('EXISTS TABLE matrix') === '1') assert.match(server.errorOf(rows), /got 10/);
  assert.equal(server.query(`SELECT softmax${suffix}([0]::Array(Float32))`), '[1]');
}

/** The same losses, however the labels are typed or stored. */
function checkColumns() {
  const losses = (expression, table = 'matrix') =>
    server.query(`SELECT count(), sum(cityHash64(crossEntropy(x, ${expression}))) FROM ${table}`);
  const expected = losses('target');
  for (const type of ['Int8', 'UInt16', 'Int32', 'UInt64', 'Nullable(UInt8)']) {
    assert.equal(losses(`CAST(target, '${type}')`), expected, type);
  }
  assert.equal(losses('toLowCardinality(target)'), expected);
  server.query(`CREATE TABLE sparse (id UInt32, x Array(Float32), target UInt8) ENGINE = MergeTree ORDER BY id
    SETTINGS ratio_of_defaults_for_sparse_serialization = 0.5`);
  server.query('INSERT INTO sparse SELECT id, x, if(id % 100 = 0, target, 0) FROM matrix');
  const kinds =
    "SELECT DISTINCT serialization_kind FROM system.parts_columns WHERE table = 'sparse' AND column = 'target'";
  assert.equal(server.query(kinds), 'Sparse');
  assert.equal(losses('target', 'sparse'), losses('if(id % 100 = 0, target, 0)'));
  const nulls = `SELECT countIf(crossEntropy(x, if(id % 2 = 0, target, NULL)) IS NULL) FROM matrix`;
  assert.equal(server.query(nulls), '500000');
}

/** Neither the size of blocks nor threads change a bit, and memory does not grow with the number of blocks. */
function checkBlocks() {
  const hash = (settings, name = 'softmax') =>
    server.query(`SELECT count(), sum(cityHash64(${name}(x))) FROM matrix WHERE id < 200000 SETTINGS ${settings}`);
  const expected = hash('max_threads = 1');
  for (const settings of [
    'max_threads = 4',
    'webassembly_udf_max_input_block_size = 1000',
    'webassembly_udf_max_input_block_size = 4097',
    'max_block_size = 12345',
  ]) {
    assert.equal(hash(settings), expected, settings);
  }
  // 10,000 calls of 4 KB and 17 MiB of memory, 16 of which the module begins with.
  for (const suffix of SUFFIXES) {
    const settings = `webassembly_udf_max_memory = ${17 << 20}, webassembly_udf_max_input_block_size = 1, max_threads = 1`;
    const rows = 'SELECT arrayMap(i -> toFloat32((number + i) % 19), range(1000)) AS x FROM numbers(10000)';
    const sum = `SELECT round(sum(arraySum(softmax${suffix}(x)))) FROM (${rows}) SETTINGS ${settings}`;
    assert.equal(server.query(sum), '10000');
  }
  const small = `SELECT softmax(x) FROM matrix SETTINGS webassembly_udf_max_memory = ${(16 << 20) + 65536}, max_block_size = 1000000,
    preferred_block_size_bytes = 0, max_threads = 1`;
  assert.match(
    server.errorOf(small),
    /raise webassembly_udf_max_memory, or lower webassembly_udf_max_input_block_size/,
  );
}

/** The temperature with the least loss is the one that the logits were multiplied by. */
function checkCalibration() {
  const best = server.query(`SELECT t FROM (
      SELECT t, avg(crossEntropyWithTemperature(arrayMap(v -> toFloat32(v * 2), x), target, t)) AS loss
      FROM matrix ARRAY JOIN [0.5, 1., 1.5, 2., 2.5, 3., 5.] AS t WHERE id < 20000 GROUP BY t)
    ORDER BY loss LIMIT 1`);
  assert.equal(best, '2');
}

/** The block of docs/clickhouse.md. */
function checkLargest() {
  const page = readFileSync(new URL('../../docs/clickhouse.md', import.meta.url), 'utf8');
  const sql = /^```sql\n(SELECT indexOf[^]*?)FROM validation\n```$/m.exec(page)[1];
  const rows = 'FROM (SELECT [2, 5, 1, 5, 0, 4, -inf]::Array(Float32) AS x)';
  const [argmax, top5, probs, entropy] = server.query(sql + rows).split('\t');
  const logits = Float32Array.of(2, 5, 1, 5, 0, 4, -Infinity);
  const top = s.topK(logits, 7, 5);
  assert.equal(argmax, String(s.argmax(logits, 7)[0]));
  // Equals come in no order.
  assert.deepEqual(JSON.parse(top5).slice(0, 2).sort(), [...top.indices.subarray(0, 2)]);
  assert.deepEqual(JSON.parse(top5).slice(2), [...top.indices.subarray(2)]);
  assert.deepEqual(JSON.parse(probs).map(Math.fround), [...top.values]);
  assert.ok(Math.abs(Number(entropy) - s.entropy(logits, 7)[0]) < 1e-6, entropy);
}

function checkUninstall() {
  const mine = "SELECT count() FROM system.functions WHERE origin = 'WasmUserDefined'";
  assert.equal(server.query(mine), '26');
  for (const name of server.query(`${mine.replace('count()', 'name')} AND name LIKE '%RowBinary'`).split('\n')) {
    server.query(`DROP FUNCTION ${name}`);
  }
  server.run('uninstall.sql');
  assert.equal(server.query(mine), '0');
  assert.equal(server.query('SELECT count() FROM system.webassembly_modules'), '0');
}
