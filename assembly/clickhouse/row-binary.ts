import { elementsOf, endOf, logits, malformed, scalarsOf } from './buffers';
import { bytesOf, createBuffer, createScratch, keep, sizeOf } from './memory';
import { ARRAY, argumentsOf, LABEL, PROBS, SCALAR, TEMPERATURE } from './signature';

/**
 * The RowBinary format, for servers that do not take Buffers: row by row the arguments, an array as its length (LEB128)
 * and its elements. It is turned into Buffers and back, so that there is one way to compute.
 */

let cursor: usize = 0;
let end: usize = 0;
/** Elements of all rows. */
let logitCount: u64 = 0;
let probCount: u64 = 0;

/** The same block as Buffers, in a buffer of its own. */
export function toBuffers(handle: usize, rows: u32, kind: u32, name: string): usize {
  cursor = bytesOf(handle);
  end = cursor + sizeOf(handle);
  countElements(rows, kind, name);
  const wordBytes = (<u64>rows) << 3;
  const words: u64 = popcnt(kind & (LABEL | TEMPERATURE));
  let size = 16 + 8 + wordBytes + (logitCount << 2) + words * (8 + wordBytes);
  if (kind & PROBS) size += 8 + wordBytes + (probCount << 2);
  const block = createScratch(size);
  cursor = bytesOf(handle);
  fill(bytesOf(block), rows, kind, name);
  return block;
}

/** Walks over the whole block: afterwards its lengths are known to lie inside. */
function countElements(rows: u32, kind: u32, name: string): void {
  logitCount = 0;
  probCount = 0;
  const wordBytes = (<u64>popcnt(kind & (LABEL | TEMPERATURE))) << 3;
  for (let r: u32 = 0; r < rows; r++) {
    const logitLength = readLength(name);
    logitCount += logitLength;
    skip(logitLength << 2, name);
    if (kind & PROBS) {
      const probLength = readLength(name);
      probCount += probLength;
      skip(probLength << 2, name);
    }
    skip(wordBytes, name);
  }
  if (cursor != end) malformed(name);
}

/** Writes the block's columns at `to`. */
function fill(to: usize, rows: u32, kind: u32, name: string): void {
  const wordBytes = (<usize>rows) << 3;
  store<u64>(to, argumentsOf(kind));
  store<u64>(to, rows, 8);
  let ends = column(to + 16, wordBytes + ((<usize>logitCount) << 2));
  let x = ends + wordBytes;
  let next = x + ((<usize>logitCount) << 2);
  let probEnds: usize = 0;
  let t: usize = 0;
  if (kind & PROBS) {
    probEnds = column(next, wordBytes + ((<usize>probCount) << 2));
    t = probEnds + wordBytes;
    next = t + ((<usize>probCount) << 2);
  }
  let labels: usize = 0;
  if (kind & LABEL) {
    labels = column(next, wordBytes);
    next = labels + wordBytes;
  }
  let temperatures = kind & TEMPERATURE ? column(next, wordBytes) : 0;
  const xStart = x;
  const tStart = t;
  for (let r: u32 = 0; r < rows; r++) {
    x = readArray(x, name);
    store<u64>(ends, (x - xStart) >> 2);
    ends += 8;
    if (kind & PROBS) {
      t = readArray(t, name);
      store<u64>(probEnds, (t - tStart) >> 2);
      probEnds += 8;
    }
    if (kind & LABEL) labels = readWord(labels);
    if (kind & TEMPERATURE) temperatures = readWord(temperatures);
  }
}

/** Begins a column: its size, and where it stands. */
function column(at: usize, size: usize): usize {
  store<u64>(at, size);
  return at + 8;
}

/** Copies a row's array to `to`, and says where it ends. */
function readArray(to: usize, name: string): usize {
  const size = (<usize>readLength(name)) << 2;
  copy(to, cursor, size);
  cursor += size;
  return to + size;
}

function readWord(to: usize): usize {
  store<u64>(to, load<u64>(cursor));
  cursor += 8;
  return to + 8;
}

function readLength(name: string): u64 {
  let length: u64 = 0;
  let shift: u64 = 0;
  let byte: u64;
  do {
    if (cursor == end || shift > 28) malformed(name);
    byte = load<u8>(cursor++);
    length |= (byte & 127) << shift;
    shift += 7;
  } while (byte > 127);
  return length;
}

function skip(size: u64, name: string): void {
  if (size > <u64>(end - cursor)) malformed(name);
  cursor += <usize>size;
}

/** The result as rows: over the arguments where it fits, which only many empty arrays do not. */
export function writeRows(handle: usize, rows: u32, kind: u32): usize {
  const size = sizeOfRows(rows, kind);
  let result = handle;
  if (size <= sizeOf(handle)) keep(handle, size);
  else result = createBuffer(<u32>size);
  let to = bytesOf(result);
  let x = logits;
  let y = scalarsOf(rows, kind);
  let start: u32 = 0;
  for (let r: u32 = 0; r < rows; r++) {
    if (kind & ARRAY) {
      const length = endOf(r) - start;
      start = endOf(r);
      to = writeLength(to, length);
      const bytes = (<usize>length) << 2;
      copy(to, x, bytes);
      to += bytes;
      x += bytes;
    }
    if (kind & SCALAR) {
      store<u32>(to, load<u32>(y));
      to += 4;
      y += 4;
    }
  }
  return result;
}

function sizeOfRows(rows: u32, kind: u32): usize {
  let size: usize = kind & SCALAR ? (<usize>rows) << 2 : 0;
  if (kind & ARRAY) {
    size += elementsOf(rows) << 2;
    let start: u32 = 0;
    for (let r: u32 = 0; r < rows; r++) {
      size += lengthBytes(endOf(r) - start);
      start = endOf(r);
    }
  }
  return size;
}

/** Bytes of LEB128: one for each seven bits. */
function lengthBytes(length: u32): usize {
  return <usize>(38 - clz(length | 1)) / 7;
}

function writeLength(to: usize, length: u32): usize {
  for (; length > 127; length >>= 7) store<u8>(to++, <u8>(length | 128));
  store<u8>(to, <u8>length);
  return to + 1;
}

/** A loop: memory.copy is a call out of the module, which costs more than a short row. Never overlapping forwards. */
function copy(to: usize, from: usize, size: usize): void {
  const end = from + size;
  for (; from + 16 <= end; from += 16, to += 16) v128.store(to, v128.load(from));
  for (; from < end; from += 4, to += 4) store<u32>(to, load<u32>(from));
}
