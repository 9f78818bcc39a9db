import { existsSync, readFileSync } from 'node:fs';

/** What ClickHouse does with dist/clickhouse/softmax.wasm: blocks in Buffers or RowBinary, one call for each. */

export type Format = 'Buffers' | 'RowBinary';
/** A column of arguments or results, one entry a row: Array(Float32), Int64, Float64, Float32, or a tuple's columns. */
export type Column =
  | { type: 'array'; rows: Float32Array[] }
  | { type: 'int64'; rows: bigint[] }
  | { type: 'float64'; rows: number[] }
  | { type: 'float32'; rows: Float32Array }
  | { type: 'tuple'; columns: Column[] };
export type Gives = 'array' | 'float32' | 'both';

/** The error of `clickhouse_throw`: an SQL error. A trap is a WebAssembly.RuntimeError instead. */
export class SqlError extends Error {}

interface Exports {
  memory: WebAssembly.Memory;
  clickhouse_create_buffer(size: number): number;
  clickhouse_destroy_buffer(handle: number): void;
}
type UserFunction = (handle: number, rows: number) => number;

const path = new URL('../../dist/clickhouse/softmax.wasm', import.meta.url);
if (!existsSync(path)) throw new Error('dist/clickhouse/softmax.wasm is missing: npm run build makes it');
export const bytes = readFileSync(path);
const compiled = new WebAssembly.Module(bytes);

export class Host {
  readonly exports: Exports & Record<string, UserFunction>;

  constructor() {
    const env = {
      clickhouse_throw: (ptr: number, size: number) => {
        throw new SqlError(new TextDecoder().decode(new Uint8Array(this.exports.memory.buffer, ptr, size)));
      },
    };
    this.exports = new WebAssembly.Instance(compiled, { env }).exports as unknown as typeof this.exports;
  }

  get memoryBytes(): number {
    return this.exports.memory.buffer.byteLength;
  }

  /** The bytes behind a handle, as the host sees them: strictly inside the memory. */
  view(handle: number): Uint8Array {
    const { buffer } = this.exports.memory;
    const [ptr, size] = new Uint32Array(buffer.slice(handle, handle + 8)) as unknown as [number, number];
    if (ptr + size >= buffer.byteLength) throw new Error(`a buffer ends at ${ptr + size}, the memory at its end`);
    return new Uint8Array(buffer, ptr, size);
  }

  /** Calls with these bytes as the block; both buffers are given back, whatever happens. */
  callBytes(name: string, block: Uint8Array, rows: number): Uint8Array {
    const { exports } = this;
    const handle = exports.clickhouse_create_buffer(block.length);
    try {
      this.view(handle).set(block);
      const result = exports[name]!(handle, rows);
      const answer = this.view(result).slice();
      exports.clickhouse_destroy_buffer(result);
      return answer;
    } finally {
      exports.clickhouse_destroy_buffer(handle);
    }
  }

  call(name: string, format: Format, columns: Column[], gives: Gives): Column {
    const rows = rowsOf(columns[0]!);
    const answer = this.callBytes(format === 'Buffers' ? name : `${name}RowBinary`, encode(format, columns), rows);
    return decode(format, answer, rows, gives);
  }
}

function rowsOf(column: Column): number {
  return column.type === 'tuple' ? rowsOf(column.columns[0]!) : column.rows.length;
}

export function encode(format: Format, columns: Column[]): Uint8Array {
  return format === 'Buffers' ? encodeBuffers(columns) : encodeRows(columns);
}

function u64(...values: (number | bigint)[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values, BigInt).buffer);
}

function raw(values: Float32Array | BigInt64Array | Float64Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function encodeBuffers(columns: Column[]): Uint8Array {
  const parts = [u64(columns.length, rowsOf(columns[0]!))];
  for (const column of columns) {
    const body = Buffer.concat(encodeColumn(column));
    parts.push(u64(body.length), body);
  }
  return Buffer.concat(parts);
}

function encodeColumn(column: Column): Uint8Array[] {
  switch (column.type) {
    case 'array': {
      let end = 0;
      return [u64(...column.rows.map((row) => (end += row.length))), ...column.rows.map(raw)];
    }
    case 'int64':
      return [raw(BigInt64Array.from(column.rows))];
    case 'float64':
      return [raw(Float64Array.from(column.rows))];
    default:
      throw new Error(`no function takes ${column.type}`);
  }
}

/** LEB128. */
export function varint(value: number): Uint8Array {
  const digits: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) digits.push((value % 128) | 128);
  return Uint8Array.of(...digits, value);
}

function encodeRows(columns: Column[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let r = 0; r < rowsOf(columns[0]!); r++) {
    for (const column of columns) {
      if (column.type === 'array') parts.push(varint(column.rows[r]!.length), raw(column.rows[r]!));
      else if (column.type === 'int64') parts.push(raw(BigInt64Array.of(column.rows[r]!)));
      else if (column.type === 'float64') parts.push(raw(Float64Array.of(column.rows[r]!)));
    }
  }
  return Buffer.concat(parts);
}

/** Reads a result to its last byte, in the host's order. */
function decode(format: Format, bytes: Uint8Array, rows: number, gives: Gives): Column {
  const reader = new Reader(bytes);
  if (format === 'Buffers') {
    reader.expect([1, rows, bytes.length - 24]);
    const array = gives === 'float32' ? null : reader.arrays(rows);
    const scalars = gives === 'array' ? null : reader.floats(rows);
    reader.expectEnd();
    return result(array, scalars);
  }
  const array: Float32Array[] = [];
  const scalars: number[] = [];
  for (let r = 0; r < rows; r++) {
    if (gives !== 'float32') array.push(reader.floats(reader.varint()));
    if (gives !== 'array') scalars.push(reader.floats(1)[0]!);
  }
  reader.expectEnd();
  return result(gives === 'float32' ? null : array, gives === 'array' ? null : Float32Array.from(scalars));
}

function result(array: Float32Array[] | null, scalars: Float32Array | null): Column {
  const columns: Column[] = [];
  if (array) columns.push({ type: 'array', rows: array });
  if (scalars) columns.push({ type: 'float32', rows: scalars });
  return columns.length === 1 ? columns[0]! : { type: 'tuple', columns };
}

class Reader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  private take(size: number): Uint8Array<ArrayBuffer> {
    if (this.at + size > this.bytes.length) throw new Error(`the result ends ${size} bytes too early`);
    return this.bytes.slice(this.at, (this.at += size)) as Uint8Array<ArrayBuffer>;
  }

  floats(count: number): Float32Array {
    return new Float32Array(this.take(4 * count).buffer);
  }

  varint(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.take(1)[0]!;
      value += (byte & 127) * unit;
      if (byte < 128) return value;
    }
  }

  arrays(rows: number): Float32Array[] {
    const ends = Array.from(new BigUint64Array(this.take(8 * rows).buffer), Number);
    return ends.map((end, r) => this.floats(end - (ends[r - 1] ?? 0)));
  }

  expect(values: number[]): void {
    for (const value of values) {
      const found = Number(new BigUint64Array(this.take(8).buffer)[0]);
      if (found !== value) throw new Error(`the result says ${found} where ${value} is right`);
    }
  }

  expectEnd(): void {
    if (this.at !== this.bytes.length) throw new Error(`${this.bytes.length - this.at} bytes too many in the result`);
  }
}
