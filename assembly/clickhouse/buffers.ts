import { fail, number, text } from './fail';
import { bytesOf, keep, sizeOf } from './memory';
import { ARRAY, argumentsOf, LABEL, PROBS, SCALAR, TEMPERATURE } from './signature';

/**
 * The Buffers format, little-endian: u64 columns, u64 rows, then each column as its size in bytes (u64) and itself.
 *
 *   Array(Float32)   u64[rows], where each row ends, in elements; then all elements, one row after the other
 *   Int64, Float64   one after the other
 *   Tuple            its elements as columns, under one size
 *
 * So the rows of a matrix lie as the kernels want them, and results take the place of the arguments.
 */

/** u64 columns, u64 rows, u64 size of the first column. */
// @ts-ignore: decorator
@inline export const HEADER_BYTES: usize = 24;

/** The block in work: u64[rows] where rows end, and the elements of all. */
export let ends: usize = 0;
export let logits: usize = 0;
/** f32, as many as logits; i64[rows]; f64[rows]; each 0 where the function takes no such argument. */
export let probs: usize = 0;
export let labels: usize = 0;
export let temperatures: usize = 0;

let cursor: usize = 0;
let end: usize = 0;

/** Reads the block in the buffer of `handle`. Every size in it is checked before it is used. */
export function readBlock(handle: usize, rows: u32, kind: u32, name: string): void {
  cursor = bytesOf(handle);
  end = cursor + sizeOf(handle);
  if (readU64(name) != argumentsOf(kind) || readU64(name) != rows) malformed(name);
  ends = readArrays(rows, name);
  logits = ends + ((<usize>rows) << 3);
  probs = 0;
  if (kind & PROBS) {
    const probEnds = readArrays(rows, name);
    checkLengths(probEnds, rows, name);
    probs = probEnds + ((<usize>rows) << 3);
  }
  labels = kind & LABEL ? readWords(rows, name) : 0;
  temperatures = kind & TEMPERATURE ? readWords(rows, name) : 0;
  if (cursor != end) malformed(name);
}

/** Where a row ends, in elements. */
// @ts-ignore: decorator
@inline
export function endOf(row: u32): u32 {
  return load<u32>(ends + ((<usize>row) << 3));
}

/** How many elements there are. */
export function elementsOf(rows: u32): usize {
  return rows ? <usize>endOf(rows - 1) : 0;
}

/** An Array(Float32) column: a pointer to its ends. */
function readArrays(rows: u32, name: string): usize {
  const size = readU64(name);
  const column = cursor;
  const data = take((<u64>rows) << 3, name) + ((<usize>rows) << 3);
  const most: u64 = (end - data) >> 2;
  let length: u64 = 0;
  for (let at = column; at < data; at += 8) {
    const next = load<u64>(at);
    if (next < length || next > most) malformed(name);
    length = next;
  }
  take(length << 2, name);
  if (size != <u64>(cursor - column)) malformed(name);
  return column;
}

/** A column of eight bytes a row. */
function readWords(rows: u32, name: string): usize {
  const size: u64 = (<u64>rows) << 3;
  if (readU64(name) != size) malformed(name);
  return take(size, name);
}

function readU64(name: string): u64 {
  return load<u64>(take(8, name));
}

/** The next `size` bytes. */
function take(size: u64, name: string): usize {
  if (size > <u64>(end - cursor)) malformed(name);
  const at = cursor;
  cursor += <usize>size;
  return at;
}

function checkLengths(probEnds: usize, rows: u32, name: string): void {
  let start: u32 = 0;
  for (let r: u32 = 0; r < rows; r++) {
    // Up to here both rows begin at the same element.
    const probEnd = load<u32>(probEnds + ((<usize>r) << 3));
    if (probEnd != endOf(r)) {
      text(name);
      text(': expected targets.length to be logits.length = ');
      number(endOf(r) - start);
      text(', got ');
      number(probEnd - start);
      fail();
    }
    start = probEnd;
  }
}

export function malformed(name: string): void {
  text(name);
  text(': expected a block of its arguments, got other bytes (CREATE FUNCTION must name the types and the ');
  text('serialization_format of install.sql)');
  fail();
}

/**
 * Where the scalars of the result go, f32[rows]: behind the array, where only arguments are that have been read; or over
 * the ends, four bytes a row for eight, so that a row's own end must be read before the scalar of the row before it is
 * written.
 */
export function scalarsOf(rows: u32, kind: u32): usize {
  return kind & ARRAY ? logits + (elementsOf(rows) << 2) : ends;
}

/** The result, in the place of the arguments. */
export function writeResult(handle: usize, rows: u32, kind: u32): usize {
  const block = bytesOf(handle);
  let size: usize = kind & SCALAR ? (<usize>rows) << 2 : 0;
  if (kind & ARRAY) size += ((<usize>rows) << 3) + (elementsOf(rows) << 2);
  store<u64>(block, 1);
  store<u64>(block, size, 16);
  return keep(handle, HEADER_BYTES + size);
}
