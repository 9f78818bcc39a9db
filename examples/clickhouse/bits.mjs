// Tables of logits in ClickHouse, and their results there beside the library's, bit for bit.
import assert from 'node:assert/strict';
import { createEngine } from '../../dist/index.js';

const engine = createEngine({ tier: 'simd' });

/** `matrix`: logits that look random in [-10, 10], labels drawn from their softmax, soft labels. */
export function createMatrix(server, rows, cols) {
  const uniform = (seed) => `(cityHash64(number, ${seed}) % 1000003) / 1000003.`;
  server.query(`CREATE TABLE matrix (id UInt32, x Array(Float32), target UInt8, targets Array(Float32))
    ENGINE = MergeTree ORDER BY id`);
  // The largest of logits with Gumbel noise is a draw from their softmax.
  server.query(`INSERT INTO matrix WITH
      arrayMap(i -> toFloat32(20 * ${uniform('i')} - 10), range(${cols})) AS logits,
      arrayMap((v, i) -> v - log(-log(${uniform('i, 1')} + 1e-9)), logits, range(${cols})) AS drawn
    SELECT number, logits, indexOf(drawn, arrayMax(drawn)) - 1, softmax(arrayReverse(logits))
    FROM numbers(${rows}) SETTINGS max_threads = 1`);
}

/** `ragged`: rows of 0 to 40 logits, and of 1000; NaN, infinities and the largest floats among them. */
export function createRagged(server, rows) {
  server.query('CREATE TABLE ragged (id UInt32, x Array(Float32), target Int32) ENGINE = MergeTree ORDER BY id');
  server.query(`INSERT INTO ragged WITH
      if(number % 1000 = 0, 1000, if(number % 5 < 3, 7, cityHash64(number) % 41)) AS cols,
      arrayMap(i -> (cityHash64(number, i) AS h, toFloat32(multiIf(h % 401 = 0, nan, h % 397 = 0, inf, h % 23 = 0, -inf,
        h % 409 = 0, 3.4e38, (h % 20001) / 1000. - 10))).2, range(cols)) AS logits
    SELECT number, logits, if(cols = 0 OR number % 11 = 0, -100, cityHash64(number, 'label') % greatest(cols, 1))
    FROM numbers(${rows}) SETTINGS max_threads = 1`);
}

/** Every function over `matrix`, as one matrix of the library. */
export async function compareMatrix(server, suffix, rows, cols) {
  const column = async (sql) => (await server.bytes(`${sql} SETTINGS max_threads = 1`, 'RowBinary')).slice().buffer;
  const elements = async (expression) =>
    new Float32Array(await column(`SELECT arrayJoin(y) FROM (SELECT ${expression} AS y FROM matrix ORDER BY id)`));
  const scalars = async (expression) => new Float32Array(await column(`SELECT ${expression} FROM matrix ORDER BY id`));

  const x = await elements('x');
  assert.equal(x.length, rows * cols);
  const targets = await elements('targets');
  const labels = new Int32Array(await column('SELECT toInt32(target) FROM matrix ORDER BY id'));
  const none = { reduction: 'none' };
  const temperature = 0.7;
  const losses = new Float32Array(rows);
  const f = (name, ...args) => `${name}${suffix}(x${args.map((arg) => `, ${arg}`).join('')})`;

  same(await elements(f('softmax')), engine.softmax(x, cols));
  same(await elements(f('softmaxWithTemperature', temperature)), engine.softmax(x, cols, { temperature }));
  same(await elements(f('logSoftmax')), engine.logSoftmax(x, cols));
  same(await elements(f('logSoftmaxWithTemperature', temperature)), engine.logSoftmax(x, cols, { temperature }));
  same(await scalars(f('logSumExp')), engine.logSumExp(x, cols));
  same(await scalars(f('logSumExpWithTemperature', temperature)), engine.logSumExp(x, cols, { temperature }));
  same(await scalars(f('crossEntropy', 'target')), engine.crossEntropy(x, labels, cols, none));
  same(
    await scalars(f('crossEntropyWithTemperature', 'target', temperature)),
    engine.crossEntropy(x, labels, cols, { ...none, temperature }),
  );
  const dlogits = engine.crossEntropyGrad(x, labels, cols, { ...none, losses });
  same(await elements(f('crossEntropyGrad', 'target')), dlogits);
  same(await elements(`${f('crossEntropyWithGrad', 'target')}.dlogits`), dlogits);
  same(await scalars(`${f('crossEntropyWithGrad', 'target')}.loss`), losses);
  const soft = engine.crossEntropyGrad(x, targets, cols, { ...none, losses });
  same(await scalars(f('crossEntropyProbs', 'targets')), losses);
  same(await elements(f('crossEntropyProbsGrad', 'targets')), soft);
  same(await elements(`${f('crossEntropyProbsWithGrad', 'targets')}.dlogits`), soft);
  same(await scalars(`${f('crossEntropyProbsWithGrad', 'targets')}.loss`), losses);
}

/** `ragged`, each row by itself in the library. */
export async function compareRagged(server, suffix, rows) {
  const sql = `SELECT x, target, softmax${suffix}(x), logSoftmax${suffix}(x), logSumExp${suffix}(x),
    crossEntropyWithGrad${suffix}(x, target) FROM ragged ORDER BY id SETTINGS max_threads = 1`;
  const reader = new RowReader(await server.bytes(sql, 'RowBinary'));
  let count = 0;
  for (; !reader.done; count++) {
    const x = reader.array();
    const target = Int32Array.of(reader.int32());
    const cols = x.length;
    if (cols === 0) {
      assert.deepEqual([reader.array().length, reader.array().length, reader.float()], [0, 0, -Infinity]);
      assert.deepEqual([reader.array().length, reader.float()], [0, 0]);
      continue;
    }
    same(reader.array(), engine.softmax(x, cols));
    same(reader.array(), engine.logSoftmax(x, cols));
    same([reader.float()], engine.logSumExp(x, cols));
    const losses = new Float32Array(1);
    same(reader.array(), engine.crossEntropyGrad(x, target, cols, { reduction: 'none', losses }));
    same([reader.float()], losses);
  }
  assert.equal(count, rows);
}

/** The same bits; any NaN is any other. */
function same(got, want) {
  assert.equal(got.length, want.length);
  for (let i = 0; i < want.length; i++) {
    if (!Object.is(got[i], want[i])) assert.fail(`element ${i}: ClickHouse has ${got[i]}, the library ${want[i]}`);
  }
}

class RowReader {
  #bytes;
  #view;
  #at = 0;

  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done() {
    return this.#at === this.#bytes.length;
  }

  int32() {
    return this.#view.getInt32((this.#at += 4) - 4, true);
  }

  float() {
    return this.#view.getFloat32((this.#at += 4) - 4, true);
  }

  array() {
    let length = 0;
    for (let unit = 1, byte = 128; byte > 127; unit *= 128) {
      byte = this.#bytes[this.#at++];
      length += (byte & 127) * unit;
    }
    return Float32Array.from({ length }, () => this.float());
  }
}
