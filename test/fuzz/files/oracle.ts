// What the rows of a file are, read in the plainest way: for small files, whole in memory, and only such as the command line
// has taken. Null is a row that is missing.
import * as arrow from 'apache-arrow';
import { halfToFloat } from '../../../src/cli/element-types.js';
import { inFileOrder, rowsAlong } from '../../cli/axes.js';

export interface Rows {
  readonly rows: readonly (Float32Array | null)[];
  readonly labels: readonly number[] | null;
}

export interface Array_ {
  readonly shape: readonly number[];
  /** `f4` */
  readonly type: string;
  /** Whether the file has them in Fortran order, and that is another one; `values` are in C order. */
  readonly isFortran: boolean;
  readonly values: readonly number[];
}

/** A .npy: its header is nearly JSON. */
export function npyArray(bytes: Buffer): Array_ {
  if (bytes.toString('latin1', 0, 6) !== '\x93NUMPY') throw new Error('no .npy');
  const from = bytes[6] === 1 ? 10 : 12;
  const to = from + (bytes[6] === 1 ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  const text = bytes
    .toString('latin1', from, to)
    .replaceAll("'", '"')
    .replaceAll('(', '[')
    .replaceAll(')', ']')
    .replaceAll(/(\d)L/g, '$1')
    .replaceAll(/\b0+(?=0\b)/g, '')
    .replaceAll('False', 'false')
    .replaceAll('True', 'true')
    .replaceAll(/,[ \t\n\r\f]*([\]}])/g, '$1');
  const header = JSON.parse(text.replaceAll('\f', ' ')) as { descr: string; shape: number[]; fortran_order: boolean };
  const { descr, shape } = header;
  const count = shape.reduce((product, length) => product * length, 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset + to, bytes.length - to);
  const size = Number(descr.at(-1));
  if (view.byteLength !== count * size) throw new Error(`${count} elements in ${view.byteLength} bytes`);
  const type = descr.slice(-2);
  const read = readerOf(view, type, descr[0] !== '>');
  const inFile = Array.from({ length: count }, (_, i) => read(i * size));
  const values = header.fortran_order ? inFileOrder(inFile, [...shape].reverse()) : inFile;
  const isFortran = header.fortran_order && count > 0 && shape.filter((length) => length > 1).length > 1;
  return { shape, type, values, isFortran };
}

function readerOf(view: DataView, type: string, little: boolean): (at: number) => number {
  const readers: Record<string, (at: number) => number> = {
    f2: (at) => halfToFloat(view.getUint16(at, little)),
    b1: (at) => Number(view.getUint8(at) !== 0),
    V2: (at) => view.getUint16(at, little),
    f4: (at) => view.getFloat32(at, little),
    f8: (at) => Math.fround(view.getFloat64(at, little)),
    i1: (at) => view.getInt8(at),
    i2: (at) => view.getInt16(at, little),
    i4: (at) => view.getInt32(at, little),
    i8: (at) => Number(view.getBigInt64(at, little)),
    u1: (at) => view.getUint8(at),
    u2: (at) => view.getUint16(at, little),
    u4: (at) => view.getUint32(at, little),
    u8: (at) => Number(view.getBigUint64(at, little)),
  };
  return readers[type]!;
}

/** The rows along an axis; with `toFloat`, of elements that are bits. */
export function npyRows(bytes: Buffer, axis = -1, toFloat = (value: number) => value): Rows {
  const { shape, values } = npyArray(bytes);
  const cols = shape.at(axis)!;
  const along = rowsAlong(values.map(toFloat), shape, (axis + shape.length) % shape.length);
  const rows = Array.from({ length: values.length / cols }, (_, r) => along.slice(r * cols, (r + 1) * cols));
  return { rows, labels: null };
}

export function floatOfBfloat16(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
}

/** One number a row. */
export function npyScalars(bytes: Buffer): readonly number[] {
  return npyArray(bytes).values;
}

export function rowBinaryRows(bytes: Buffer, labelled: boolean): Rows {
  const rows: Float32Array[] = [];
  const labels: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    let length = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      length |= BigInt(byte & 127) << shift;
      if (byte < 128) break;
    }
    rows.push(Float32Array.from({ length: Number(length) }, (_, i) => bytes.readFloatLE(at + 4 * i)));
    at += 4 * Number(length);
    if (labelled) labels.push(bytes.readInt32LE(at));
    if (labelled) at += 4;
  }
  return { rows, labels: labelled ? labels : null };
}

export function floats(bytes: Buffer): readonly number[] {
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

/** The bytes before the mark that ends a stream: apache-arrow reads on. */
function upToEnd(bytes: Buffer): Buffer {
  let at = 0;
  while (at + 8 <= bytes.length) {
    const length = bytes.readInt32LE(at + 4);
    if (length === 0) break;
    const { bodyLength } = arrow.Message.decode(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length + bodyLength;
  }
  return bytes.subarray(0, at);
}

/** As apache-arrow reads it, and the other columns, as text. */
export function arrowRows(bytes: Buffer, labelled: boolean): Rows & { readonly others: string } {
  const table = arrow.tableFromIPC(upToEnd(bytes));
  const at = table.schema.fields.findIndex(({ type }) => {
    const child = ((type as arrow.DataType).children as arrow.Field[] | null)?.[0]?.type as arrow.DataType | undefined;
    return (
      child !== undefined &&
      arrow.DataType.isFloat(child) &&
      child.precision === arrow.Precision.SINGLE &&
      !arrow.DataType.isStruct(type)
    );
  });
  const column = table.getChildAt(at)!;
  const rows = Array.from({ length: table.numRows }, (_, r) => {
    const row = column.get(r) as arrow.Vector | null;
    return row === null ? null : Float32Array.from({ length: row.length }, (_, i) => row.get(i) as number);
  });
  const label = labelled ? table.getChild('label')! : null;
  const others = table.schema.fields.map((_, i) => (i === at ? '' : String(table.getChildAt(i))));
  return {
    rows,
    labels: label === null ? null : Array.from({ length: table.numRows }, (_, r) => Number(label.get(r))),
    others: others.join('\n'),
  };
}

export function arrowScalars(bytes: Buffer): readonly (number | null)[] {
  const column = arrow.tableFromIPC(bytes).getChildAt(0)!;
  return Array.from({ length: column.length }, (_, r) => column.get(r) as number | null);
}
