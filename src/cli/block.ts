import type { LayoutOptions } from '../index.js';

/** Arrays that the engine or the pool uses where they lie. */
export interface Memory {
  alloc(elements: number): Float32Array;
  free(array: Float32Array): void;
}

/** Rows of one length that lie back to back. */
export interface Run {
  /** The first row's number in the block, and where its first element lies among `values`. */
  readonly row: number;
  readonly element: number;
  readonly rows: number;
  readonly cols: number;
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
  /** One result a row. */
  scalars: Float32Array;
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
  ) {
    this.values = memory.alloc(elements);
    const { buffer, byteOffset } = memory.alloc(areHalves ? Math.ceil(elements / 2) : 0);
    this.halves = areHalves ? new Uint16Array(buffer, byteOffset, elements) : null;
    this.scalars = memory.alloc(rows);
  }

  logitsOf({ element, rows, cols }: Run): Float32Array | Uint16Array {
    return (this.halves ?? this.values).subarray(element, element + rows * cols);
  }

  /** Where the results of a run go that are as long as its rows. */
  resultsOf({ element, rows, cols }: Run): Float32Array {
    return this.values.subarray(element, element + rows * cols);
  }

  /** Makes room for more elements; the first `kept` stay. */
  growValues(elements: number, kept = 0): void {
    this.values = this.grown(this.values, elements, kept);
  }

  growScalars(rows: number): void {
    this.scalars = this.grown(this.scalars, rows, 0);
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
    this.runs = rows === 0 ? [] : [{ row: 0, element, rows, cols }];
  }

  /** Row i has `lengths[i]` elements from `starts[i]` on; neighbours of one length make a run. The arrays are kept. */
  setRaggedRows(starts: Numbers, lengths: Numbers): void {
    this.rows = lengths.length;
    this.runs = { [Symbol.iterator]: () => runsOf(starts, lengths) };
  }
}

type Numbers = Int32Array | Float64Array;

/** One by one, as there may be as many as rows. */
function* runsOf(starts: Numbers, lengths: Numbers): Generator<Run> {
  let row = 0;
  while (row < lengths.length) {
    const cols = lengths[row]!;
    let end = row + 1;
    while (end < lengths.length && lengths[end] === cols) end++;
    yield { row, element: starts[row]!, rows: end - row, cols };
    row = end;
  }
}

/** The bytes of elements [0, count), where they lie. */
export function bytesOf(
  values: Float32Array | Int32Array | Uint16Array | Uint8Array,
  count = values.length,
): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.BYTES_PER_ELEMENT * count);
}
