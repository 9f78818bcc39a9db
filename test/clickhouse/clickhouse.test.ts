import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEngine } from '../../src/index.js';
import { bytes, type Column, encode, type Format, type Gives, Host, SqlError, varint } from './clickhouse-abi.js';
import { BEYOND_TILE, COLUMNS, masked, normal, random, rowsFor, softLabels, uniform } from '../inputs.js';
import { expectSame } from '../ulp.js';

// dist/clickhouse/softmax.wasm as a server drives it; `npm run check -- clickhouse` runs it in a real ClickHouse.

const engine = createEngine({ tier: 'simd' });
const FORMATS: Format[] = ['Buffers', 'RowBinary'];

interface Row {
  logits: Float32Array;
  target: number | bigint;
  temperature: number;
  targets: Float32Array;
}

interface Op {
  name: string;
  library: 'softmax' | 'logSoftmax' | 'logSumExp' | 'crossEntropy';
  takes: ('target' | 'targets' | 'temperature')[];
  gives: Gives;
}

const OPS: Op[] = [
  { name: 'softmax', library: 'softmax', takes: [], gives: 'array' },
  { name: 'softmaxWithTemperature', library: 'softmax', takes: ['temperature'], gives: 'array' },
  { name: 'logSoftmax', library: 'logSoftmax', takes: [], gives: 'array' },
  { name: 'logSoftmaxWithTemperature', library: 'logSoftmax', takes: ['temperature'], gives: 'array' },
  { name: 'logSumExp', library: 'logSumExp', takes: [], gives: 'float32' },
  { name: 'logSumExpWithTemperature', library: 'logSumExp', takes: ['temperature'], gives: 'float32' },
  { name: 'crossEntropy', library: 'crossEntropy', takes: ['target'], gives: 'float32' },
  {
    name: 'crossEntropyWithTemperature',
    library: 'crossEntropy',
    takes: ['target', 'temperature'],
    gives: 'float32',
  },
  { name: 'crossEntropyGrad', library: 'crossEntropy', takes: ['target'], gives: 'array' },
  { name: 'crossEntropyWithGrad', library: 'crossEntropy', takes: ['target'], gives: 'both' },
  { name: 'crossEntropyProbs', library: 'crossEntropy', takes: ['targets'], gives: 'float32' },
  { name: 'crossEntropyProbsGrad', library: 'crossEntropy', takes: ['targets'], gives: 'array' },
  { name: 'crossEntropyProbsWithGrad', library: 'crossEntropy', takes: ['targets'], gives: 'both' },
];
const CASES = OPS.flatMap((op) => FORMATS.map((format) => ({ ...op, format })));
const op = (name: string) => OPS.find((op) => op.name === name)!;

/** One row through the library, pinned to `simd`. An empty row has no class: log Σ of nothing, and nothing to lose. */
function library({ library, takes }: Op, row: Row): { array: Float32Array; scalar: number } {
  const { logits } = row;
  const cols = logits.length;
  const scalars = new Float32Array(1);
  if (cols === 0) return { array: logits, scalar: library === 'logSumExp' ? -Infinity : 0 };
  const temperature = takes.includes('temperature') ? row.temperature : 1;
  if (library === 'logSumExp') engine.logSumExp(logits, cols, { temperature, out: scalars });
  if (library !== 'crossEntropy') {
    const array = library === 'logSumExp' ? logits : engine[library](logits, cols, { temperature });
    return { array, scalar: scalars[0]! };
  }
  const targets = takes.includes('targets') ? row.targets : Int32Array.of(Number(row.target));
  const { dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, {
    temperature,
    reduction: 'none',
    losses: scalars,
  });
  return { array: dlogits, scalar: scalars[0]! };
}

function argumentsOf({ takes }: Op, rows: Row[]): Column[] {
  const columns: Column[] = [{ type: 'array', rows: rows.map(({ logits }) => logits) }];
  if (takes.includes('targets')) columns.push({ type: 'array', rows: rows.map(({ targets }) => targets) });
  if (takes.includes('target')) columns.push({ type: 'int64', rows: rows.map(({ target }) => BigInt(target)) });
  if (takes.includes('temperature')) columns.push({ type: 'float64', rows: rows.map((row) => row.temperature) });
  return columns;
}

/** The module's result is the library's, bit for bit, for these rows as one block. */
function expectLibrary(host: Host, op: Op, format: Format, rows: Row[]): void {
  const result = host.call(op.name, format, argumentsOf(op, rows), op.gives);
  const columns = result.type === 'tuple' ? result.columns : [result];
  const expected = rows.map((row) => library(op, row));
  for (const column of columns) {
    if (column.type === 'array') {
      expect(column.rows.map(({ length }) => length)).toEqual(rows.map(({ logits }) => logits.length));
      column.rows.forEach((row, r) => expectSame(row, expected[r]!.array));
    } else if (column.type === 'float32') {
      expectSame(
        column.rows,
        Float32Array.from(expected, ({ scalar }) => scalar),
      );
    }
  }
  expect(columns.length).toBe(op.gives === 'both' ? 2 : 1);
}

/** Rows of one length out of a matrix; each with its own temperature in turns. */
function rowsOf(logits: Float32Array, cols: number, temperatures: number[] = [1]): Row[] {
  const rows = logits.length / cols;
  const probs = softLabels(rows, cols, cols);
  const next = random(cols);
  return Array.from({ length: rows }, (_, r) => ({
    logits: logits.subarray(r * cols, (r + 1) * cols),
    target: r % 5 === 4 ? -100 : Math.floor(next() * cols),
    temperature: temperatures[r % temperatures.length]!,
    targets: probs.subarray(r * cols, (r + 1) * cols),
  }));
}

const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 3.4e38, -3.4e38, 1e-40];
const value = fc.oneof(
  { weight: 8, arbitrary: fc.float({ min: -50, max: 50, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(...SPECIAL) },
);
const row = fc
  .oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 20 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60, max: 300 }) },
  )
  .chain((length) =>
    fc.record({
      logits: fc.array(value, { minLength: length, maxLength: length }).map((v) => Float32Array.from(v)),
      target: length === 0 ? fc.constant(-100) : fc.oneof(fc.integer({ min: 0, max: length - 1 }), fc.constant(-100)),
      temperature: fc.constantFrom(1, 1, 0.7, 3, 2 ** -16, 2 ** 16),
      targets: fc
        .array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: length, maxLength: length })
        .map((v) => Float32Array.from(v)),
    }),
  );

let host = new Host();
beforeEach(() => {
  host = new Host();
});

describe('the module', () => {
  it('exports each function for both formats, the two of the ABI and its memory; imports only the throw', () => {
    const compiled = new WebAssembly.Module(bytes);
    expect(WebAssembly.Module.imports(compiled)).toEqual([
      { module: 'env', name: 'clickhouse_throw', kind: 'function' },
    ]);
    const names = OPS.flatMap(({ name }) => [name, `${name}RowBinary`]);
    const exported = WebAssembly.Module.exports(compiled).map(({ name }) => name);
    expect(exported.sort()).toEqual(
      ['clickhouse_create_buffer', 'clickhouse_destroy_buffer', 'memory', ...names].sort(),
    );
  });

  it('has at most 20 KB and begins with 16 MiB, half of which newer servers fill with a block', () => {
    expect(bytes.length).toBeLessThanOrEqual(20_000);
    expect(host.memoryBytes).toBe(16 << 20);
  });
});

describe.each(CASES)('$name in $format', ({ format, ...op }) => {
  it.each(COLUMNS)('has the bits of the library, %i columns', (cols) => {
    const rows = rowsFor(cols);
    expectLibrary(host, op, format, rowsOf(normal(rows * cols, 0, 4, cols), cols, [0.7]));
    expectLibrary(host, op, format, rowsOf(masked(rows, cols, 0.5, cols), cols, [1, 1, 3]));
    expectLibrary(host, op, format, rowsOf(uniform(rows * cols, -3e38, 3e38, cols), cols));
  });

  it('has the bits of the library for rows longer than a tile', () => {
    expectLibrary(host, op, format, rowsOf(normal(3 * BEYOND_TILE, 0, 4), BEYOND_TILE));
  });

  it('has the bits of the library for ragged, empty and special rows', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => expectLibrary(host, op, format, rows)),
      { numRuns: 60 },
    );
  });

  it('has the bits of the library for many rows of two lengths in turns', () => {
    const threes = rowsOf(normal(300 * 3, 0, 4), 3);
    const fours = rowsOf(normal(300 * 4, 0, 4), 4);
    expectLibrary(
      host,
      op,
      format,
      threes.flatMap((row, r) => [row, fours[r]!]),
    );
  });

  it('takes a block without rows', () => {
    const empty = host.call(op.name, format, argumentsOf(op, []), op.gives);
    const columns = empty.type === 'tuple' ? empty.columns : [empty];
    for (const column of columns) expect(column.type !== 'tuple' && column.rows.length).toBe(0);
  });

  it('takes a block of empty arrays only', () => {
    const nothing = new Float32Array(0);
    const rows = Array.from({ length: 300 }, () => ({
      logits: nothing,
      target: -100,
      temperature: 1,
      targets: nothing,
    }));
    expectLibrary(host, op, format, rows);
  });

  it('ends in an SQL error, and in nothing else, for a block that is cut off anywhere', () => {
    const rows = rowsOf(normal(3 * 5), 5);
    const block = encode(format, argumentsOf(op, rows));
    const name = format === 'Buffers' ? op.name : `${op.name}RowBinary`;
    for (let size = 0; size < block.length; size++) {
      expect(() => host.callBytes(name, block.subarray(0, size), 3), `${size} bytes`).toThrow(SqlError);
    }
    expect(() => host.callBytes(name, Buffer.concat([block, Buffer.alloc(1)]), 3)).toThrow(/got other bytes/);
    for (const count of [0, 2, 4, 2 ** 32 - 1]) {
      expect(() => host.callBytes(name, block, count | 0), `${count} rows`).toThrow(/^.*: expected a block of its/);
    }
    expectLibrary(host, op, format, rows);
  });

  it('reads and writes nothing outside its buffer, whatever the bytes are', () => {
    const name = format === 'Buffers' ? op.name : `${op.name}RowBinary`;
    const before = host.exports.clickhouse_create_buffer(4096);
    host.view(before).fill(0xa5);
    const used = new Set<string>();
    const damage = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 2, 5, 127, 128, 255)), { maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 8 }),
        damage,
        fc.integer({ min: -1, max: 1 }),
        (rows, hits, more) => {
          const block = encode(format, argumentsOf(op, rows)).slice();
          for (const [at, byte] of hits) block[at % Math.min(block.length, 64)] = byte;
          try {
            host.callBytes(name, block, rows.length + more);
            used.add('result');
          } catch (error) {
            if (!(error instanceof SqlError)) throw error;
            used.add('error');
          }
        },
      ),
      { numRuns: 300 },
    );
    expect([...used].sort()).toEqual(['error', 'result']);
    expect(host.view(before).every((byte) => byte === 0xa5)).toBe(true);
    expect(host.memoryBytes).toBe(16 << 20);
  });
});

describe('arguments that are wrong', () => {
  const logits = Float32Array.of(1, 2, 3);
  const good: Row = { logits, target: 1, temperature: 1, targets: Float32Array.of(0, 1, 0) };
  const call = (name: string, format: Format, rows: Row[]) => () =>
    host.call(name, format, argumentsOf(op(name), rows), op(name).gives);

  describe.each(FORMATS)('in %s', (format) => {
    it.each([
      [3, '[0, 3)', '3'],
      [-1, '[0, 3)', '-1'],
      [2n ** 32n + 1n, '[0, 3)', '4294967297'],
      [2n ** 32n - 100n, '[0, 3)', '4294967196'],
      [-(2n ** 63n), '[0, 3)', '-9223372036854775808'],
    ])('a class index of %s is an error', (target, range, got) => {
      for (const name of ['crossEntropy', 'crossEntropyGrad', 'crossEntropyWithGrad', 'crossEntropyWithTemperature']) {
        const message = `${name}: expected target to be in ${range} or ignoreIndex -100, got ${got}`;
        expect(call(name, format, [good, { ...good, target }, { ...good, target: 77 }])).toThrow(new SqlError(message));
      }
    });

    it('an empty array has no class but the ignored one', () => {
      const empty = { ...good, logits: new Float32Array(0), target: 0 };
      const message = 'crossEntropy: expected target to be in [0, 0) or ignoreIndex -100, got 0';
      expect(call('crossEntropy', format, [good, empty])).toThrow(new SqlError(message));
    });

    it.each([
      [0, '0'],
      [-1, '-1'],
      [NaN, 'NaN'],
      [-Infinity, '-Infinity'],
      [Infinity, 'Infinity'],
      [65_536.5, '65536.5'],
      [1.25e-5, '1.25e-5'],
      [-3e300, '-3e300'],
      [0.000015, '1.5e-5'],
    ])('a temperature of %s is an error', (temperature, got) => {
      for (const { name } of OPS.filter(({ takes }) => takes.includes('temperature'))) {
        const message = `${name}: expected temperature to be a number in [2^-16, 2^16], got ${got}`;
        expect(call(name, format, [good, { ...good, temperature }])).toThrow(new SqlError(message));
      }
    });

    it('probabilities of another length are an error', () => {
      for (const { name } of OPS.filter(({ takes }) => takes.includes('targets'))) {
        const message = `${name}: expected targets.length to be logits.length = 3, got 2`;
        const short = { ...good, targets: Float32Array.of(0, 1) };
        const long = { ...good, targets: Float32Array.of(0, 1, 0, 0) };
        expect(call(name, format, [good, short, long])).toThrow(new SqlError(message));
      }
    });
  });

  it('lengths that LEB128 could mean, but no block holds, are an error', () => {
    const rounds = Uint8Array.of(0x84, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40); // 2^62 + 4
    for (const length of [
      varint(2 ** 30),
      varint(2 ** 31),
      varint(2 ** 32 + 4),
      rounds,
      new Uint8Array(9).fill(0x80),
    ]) {
      const block = Buffer.concat([length, Buffer.alloc(16)]);
      expect(() => host.callBytes('softmaxRowBinary', block, 1)).toThrow(/got other bytes/);
    }
  });

  it("a column's size that is not what it holds is an error", () => {
    for (const { name, takes, gives } of OPS) {
      const columns = argumentsOf(op(name), [good, good]);
      const block = encode('Buffers', columns);
      expect(() => host.callBytes(name, block, 2), gives).not.toThrow();
      let at = 16;
      for (let c = 0; c <= takes.length; c++) {
        const size = Number(new DataView(block.buffer, block.byteOffset).getBigUint64(at, true));
        for (const wrong of [0, size - 8, size - 4, size + 4, size + 8, 2 ** 40]) {
          const other = Buffer.from(block);
          other.writeBigUInt64LE(BigInt(wrong), at);
          expect(() => host.callBytes(name, other, 2), `${name}, column ${c}`).toThrow(/got other bytes/);
        }
        at += 8 + size;
      }
    }
  });

  it('a number of columns or rows that the block does not have is an error', () => {
    for (const { name } of OPS) {
      const block = Buffer.from(encode('Buffers', argumentsOf(op(name), [good, good])));
      const columns = block.readBigUInt64LE(0);
      for (const wrong of [0n, columns - 1n, columns + 1n, columns + 2n ** 32n]) {
        block.writeBigUInt64LE(wrong, 0);
        expect(() => host.callBytes(name, block, 2), name).toThrow(/got other bytes/);
      }
      block.writeBigUInt64LE(columns, 0);
      block.fill(0, 24);
      for (const rows of [3, 1000, 2 ** 21, 2 ** 27, 2 ** 29, 2 ** 31, 2 ** 32 - 1]) {
        block.writeBigUInt64LE(BigInt(rows), 8);
        expect(() => host.callBytes(name, block, rows | 0), `${name}, ${rows} rows`).toThrow(/got other bytes/);
        block.writeBigUInt64LE(BigInt(rows) + 2n ** 32n, 8);
        expect(() => host.callBytes(name, block, rows | 0), `${name}, ${rows} rows`).toThrow(/got other bytes/);
      }
    }
  });

  it('rows that hold nothing are counted like others', () => {
    const nothing = { ...good, logits: new Float32Array(0), targets: new Float32Array(0), target: -100 };
    const block = Buffer.from(encode('Buffers', argumentsOf(op('softmax'), [nothing, nothing])));
    expect(() => host.callBytes('softmax', block, 2)).not.toThrow();
    block.writeBigUInt64LE(5n, 8);
    expect(() => host.callBytes('softmax', block, 2)).toThrow(/got other bytes/);
  });

  it('ends that go back, or round a u64, are an error', () => {
    const block = Buffer.from(encode('Buffers', argumentsOf(op('softmax'), [good, good])));
    const ends = (...values: bigint[]) => {
      values.forEach((value, r) => block.writeBigUInt64LE(value, 24 + 8 * r));
      return () => host.callBytes('softmax', block, 2);
    };
    expect(ends(4n, 6n)).not.toThrow();
    for (const wrong of [
      [7n, 6n],
      [3n, 5n],
      [3n, 7n],
      [2n ** 32n, 6n],
      [3n, 2n ** 32n + 6n],
      [3n, 2n ** 62n + 6n],
      [2n ** 64n - 1n, 6n],
    ]) {
      expect(ends(...wrong), String(wrong)).toThrow(/got other bytes/);
    }
  });
});

describe('the memory', () => {
  const matrix = (rows: number, cols: number) => rowsOf(normal(rows * cols, 0, 4), cols);

  it('stays as large as the largest block needs over 10,000 blocks, errors among them', () => {
    const blocks = CASES.map(({ format, ...op }) => {
      const rows = matrix(7, 30);
      const bad = rows.map((row) => ({ ...row, target: 30, temperature: 0, targets: row.targets.subarray(1) }));
      const name = format === 'Buffers' ? op.name : `${op.name}RowBinary`;
      return { name, good: encode(format, argumentsOf(op, rows)), bad: encode(format, argumentsOf(op, bad)), op };
    });
    const large = encode('RowBinary', argumentsOf(op('softmax'), matrix(200, 20_000)));
    host.callBytes('softmaxRowBinary', large, 200);
    const bytes = host.memoryBytes;
    expect(bytes).toBeGreaterThan(16 << 20);
    // Its own 16 MB, as much again as columns, and the static data.
    expect(bytes).toBeLessThan(2 * large.length + (1 << 20));
    let errors = 0;
    for (let i = 0; i < 10_000; i++) {
      const { name, good, bad, op } = blocks[i % blocks.length]!;
      host.callBytes(name, good, 7);
      if (op.takes.length === 0) continue;
      expect(() => host.callBytes(name, bad, 7)).toThrow(SqlError);
      errors++;
    }
    expect(errors).toBeGreaterThan(5000);
    host.callBytes('softmaxRowBinary', large, 200);
    expect(host.memoryBytes).toBe(bytes);
  });

  it('holds a block of Buffers once: results take the place of the arguments', () => {
    const logits = new Float32Array(131_072).map((_, i) => i % 97);
    const row: Row = { logits, target: 5, temperature: 1, targets: logits };
    const columns = argumentsOf(
      op('crossEntropyWithGrad'),
      Array.from({ length: 200 }, () => row),
    );
    const block = encode('Buffers', columns);
    host.call('crossEntropyWithGrad', 'Buffers', columns, 'both');
    expect(host.memoryBytes).toBeLessThan(block.length + (1 << 17));
  });

  it('ends in an SQL error that says what to do where it cannot grow', () => {
    const most = 2 ** 32 - 1;
    expect(() => host.exports.clickhouse_create_buffer(most | 0)).toThrow(
      new SqlError(
        `clickhouse_create_buffer: expected the block to fit the memory of the function, got ${most} bytes ` +
          '(raise webassembly_udf_max_memory, or lower webassembly_udf_max_input_block_size)',
      ),
    );
    expectLibrary(host, op('softmax'), 'Buffers', matrix(3, 5));
  });

  it('keeps a result until it is given back itself', () => {
    const rows = matrix(3, 5);
    const block = encode('Buffers', argumentsOf(op('softmax'), rows));
    const { clickhouse_create_buffer: create, clickhouse_destroy_buffer: destroy } = host.exports;
    const input = create(block.length);
    host.view(input).set(block);
    const result = host.exports.softmax!(input, 3);
    const answer = host.view(result).slice();
    destroy(input);
    host.view(create(1000)).fill(255);
    expect(host.view(result)).toEqual(answer);
  });

  it('keeps a byte behind the last buffer: ClickHouse refuses one that ends with the memory', () => {
    const { clickhouse_create_buffer: create, clickhouse_destroy_buffer: destroy } = host.exports;
    const probe = create(0);
    const rest = host.memoryBytes - probe - 16;
    destroy(probe);
    for (const size of [rest - 1, rest, rest + 1]) {
      const handle = create(size);
      expect(host.view(handle).length).toBe(size);
      destroy(handle);
    }
  });

  it('gives buffers that do not overlap, and takes them back in any order', () => {
    const { clickhouse_create_buffer: create, clickhouse_destroy_buffer: destroy } = host.exports;
    const next = random(7);
    const live = new Map<number, number>();
    for (let i = 0; i < 2000; i++) {
      if (live.size === 8 || (live.size > 0 && next() < 0.5)) {
        const [handle, mark] = [...live][Math.floor(next() * live.size)]!;
        expect(host.view(handle).every((byte) => byte === mark)).toBe(true);
        destroy(handle);
        live.delete(handle);
      } else {
        const handle = create(Math.floor(next() * 5000));
        expect(handle % 16).toBe(0);
        host.view(handle).fill(i & 255);
        live.set(handle, i & 255);
      }
    }
    for (const handle of live.keys()) destroy(handle);
    const [low, high] = [create(100), create(100)];
    for (const handle of [low, low, high]) destroy(handle);
    const first = create(10);
    expect(first).toBe(low);
    for (const nothing of [0, 1, first + 1, first + 16, -1]) destroy(nothing);
    destroy(first);
    destroy(first);
    expect(create(10)).toBe(first);
    expect(host.memoryBytes).toBe(16 << 20);
  });
});
