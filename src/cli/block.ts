import type { LayoutOptions } from '../index.js';
import type { Result } from './rows.js';

/** Arrays that the engine or the pool uses where they lie. */
export interface Memory {
  alloc(elements: number): Float32Array;
  allocInt32(elements: number): Int32Array;
  free(array: Float32Array | Int32Array): void;
}

/** Rows of one length that lie back to back. */
export interface Run {
  /** The first row's number in the block, and where its first element lies among `values`. */
  readonly row: number;
  readonly element: number;
  readonly rows: number;
  readonly cols: number;
  /** Where its results lie that are not as long as the rows, and how many each row has. */
  readonly result: number;
  readonly width: number;
}

/** Which results of a block are not as long as its rows. */
export interface ResultRoom {
  /** How many a row, where that is not one: the length of a row at most. */
  readonly k?: number | undefined;
  /** Whether they name columns. */
  readonly indices?: boolean | undefined;
}

/** Some rows on their way from the input to the outputs. Blocks are used again and again. */
export class Block {
  /** The number of the block's first row among those that are read. */
  first = 0;
  rows = 0;
  /** All rows of the block in order, as runs of one length. */
  runs: Iterable<Run> = [];
  /** Results as long as the rows; before them, the logits. */
  values: Float32Array;
  /** The logits where they are half floats. */
  readonly halves: Uint16Array | null;
  /** How the rows lie and what of them takes part, of a block that is one run; as the library takes it. */
  layout: LayoutOptions<string> = {};
  /** Results that are not as long as the rows: one a row, or `k`. */
  scalars: Float32Array;
  /** The columns that they are of. */
  indices: Int32Array;
  /** The rows' class indices or probabilities. */
  labels: Int32Array = new Int32Array(0);
  probs: Float32Array = new Float32Array(0);
  /** The bytes that the rows came in, where the format writes the same again. */
  frame: Uint8Array = new Uint8Array(0);
  /** Bit i is 0 where row i is missing; null where none is. */
  validity: Uint8Array | null = null;

  constructor(
    private readonly memory: Memory,
    elements: number,
    rows: number,
    areHalves = false,
    private readonly room: ResultRoom = {},
  ) {
    this.values = memory.alloc(elements);
    const { buffer, byteOffset } = memory.alloc(areHalves ? Math.ceil(elements / 2) : 0);
    this.halves = areHalves ? new Uint16Array(buffer, byteOffset, elements) : null;
    this.scalars = memory.alloc(rows * (room.k ?? 1));
    this.indices = memory.allocInt32(room.indices ? this.scalars.length : 0);
  }

  logitsOf({ element, rows, cols }: Run): Float32Array | Uint16Array {
    return (this.halves ?? this.values).subarray(element, element + rows * cols);
  }

  /** Where the results of a run go. */
  resultsOf(run: Run, of: 'row' | 'values'): Float32Array;
  resultsOf(run: Run, of: Result['of']): Float32Array | Int32Array;
  resultsOf({ element, rows, cols, result, width }: Run, of: Result['of']): Float32Array | Int32Array {
    if (of === 'row') return this.values.subarray(element, element + rows * cols);
    return this.arrayOf({ of }).subarray(result, result + rows * width);
  }

  /** Where such results lie. */
  arrayOf({ of }: Result): Float32Array | Int32Array {
    if (of === 'row') return this.values;
    return of === 'values' ? this.scalars : this.indices;
  }

  /** Makes room for more elements; the first `kept` stay. */
  growValues(elements: number, kept = 0): void {
    this.values = this.grown(this.values, elements, kept);
  }

  /** Makes room for the results of as many rows, of the elements that `values` has room for. */
  growScalars(rows: number): void {
    const count = this.room.k === undefined ? rows : Math.min(rows * this.room.k, this.values.length);
    this.scalars = this.grown(this.scalars, count, 0);
    if (!this.room.indices || this.indices.length >= count) return;
    if (this.indices.length > 0) this.memory.free(this.indices);
    this.indices = this.memory.allocInt32(count);
  }

  /** Makes room for the probabilities of as many elements as the block has. */
  growProbs(): void {
    this.probs = this.grown(this.probs, this.values.length, 0);
  }

  private grown(array: Float32Array, length: number, kept: number): Float32Array {
    if (array.length >= length) return array;
    const larger = this.memory.alloc(length);
    larger.set(array.subarray(0, kept));
    if (array.length > 0) this.memory.free(array);
    return larger;
  }

  /** All rows have this length and lie one after the other from `element` on. */
  setRows(rows: number, cols: number, element = 0): void {
    this.rows = rows;
    this.runs = rows === 0 ? [] : [{ row: 0, element, rows, cols, result: 0, width: widthOf(cols, this.room) }];
  }

  /** Row i has `lengths[i]` elements from `starts[i]` on; neighbours of one length make a run. The arrays are kept. */
  setRaggedRows(starts: Numbers, lengths: Numbers): void {
    this.rows = lengths.length;
    this.runs = { [Symbol.iterator]: () => runsOf(starts, lengths, this.room) };
  }
}

type Numbers = Int32Array | Float64Array;

/** One by one, as there may be as many as rows. */
function* runsOf(starts: Numbers, lengths: Numbers, room: ResultRoom): Generator<Run> {
  let row = 0;
  let result = 0;
  while (row < lengths.length) {
    const cols = lengths[row]!;
    let end = row + 1;
    while (end < lengths.length && lengths[end] === cols) end++;
    const [rows, width] = [end - row, widthOf(cols, room)];
    yield { row, element: starts[row]!, rows, cols, result, width };
    row = end;
    result += rows * width;
  }
}

function widthOf(cols: number, { k }: ResultRoom): number {
  return k === undefined ? 1 : Math.min(k, cols);
}

/** The bytes of elements [0, count), where they lie. */
export function bytesOf(
  values: Float32Array | Int32Array | Uint16Array | Uint8Array,
  count = values.length,
): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.BYTES_PER_ELEMENT * count);
}
