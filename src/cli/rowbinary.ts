import { bytesOf, type Block } from './block.js';
import type { ByteInput, Demand } from './byte-input.js';
import { FileError, UsageError } from './errors.js';
import type { ByteOutput } from './output-file.js';
import { FEW, LENGTH_BYTES, RowBinaryWriter } from './rowbinary-writer.js';
import { BLOCK_BYTES, type Result, type RowOptions, type RowReader, type RowWriter } from './rows.js';

// The format: https://clickhouse.com/docs/en/interfaces/formats/RowBinary

const BLOCK_ROWS = 1 << 16;
/** What claims to be longer is no row (1 GiB); ClickHouse takes arrays of as many elements. */
const MOST_COLS = 1 << 28;
/** What does not look like rows is mostly another type or another format. */
const QUESTION = {
  false: 'is it RowBinary, and the column plain Array(Float32), not Nullable nor of Float64?',
  true: 'is it RowBinary, and the columns plain Array(Float32) and Int32?',
};

/**
 * ClickHouse's RowBinary of one column Array(Float32): each row is its length (LEB128) and its elements, which lie at
 * any address. With `labels` a second column Int32 follows. Results are Array(Float32) or Float32, those that name columns of Int32.
 */
export function openRowBinary(input: ByteInput, options: RowOptions): Promise<RowReader> {
  if (options.shard !== undefined) {
    throw new UsageError('expected npy or f32 with --shard, as rows that each have their own length cannot be counted');
  }
  return Promise.resolve(new RowBinaryReader(input, options.cols ?? null, options.labels ?? false));
}

class RowBinaryReader implements RowReader {
  readonly from = 0;
  private done = 0;
  /** Bytes [start, end) have been read and are in no block yet. */
  private bytes: Buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  private start = 0;
  private end = 0;
  /** Before `start`, for messages. */
  private bytesBefore = 0;
  /** Of the rows found: where each one's elements begin among the bytes, and how many there are. */
  private readonly at = new Int32Array(BLOCK_ROWS);
  private readonly lengths = new Int32Array(BLOCK_ROWS);
  private readonly starts = new Int32Array(BLOCK_ROWS);

  constructor(
    readonly input: ByteInput,
    readonly cols: number | null,
    private readonly labels: boolean,
  ) {}

  async read(block: Block, demand: Demand): Promise<boolean> {
    let found = this.find();
    while (found.rows === 0) {
      this.makeRoom(found.next);
      const bytes = await this.input.readSome(this.bytes.subarray(this.end), 1, demand);
      if (bytes === 0) {
        if (this.start < this.end) throw this.fail(`truncated: the data end inside of it; ${this.question}`);
        return false;
      }
      this.end += bytes;
      found = this.find();
    }
    this.take(block, found.rows, found.elements);
    this.bytesBefore += found.next - this.start;
    this.start = found.next;
    return true;
  }

  /** The whole rows among the bytes that fit the block; `next` is where the first other row ends, or at least begins. */
  private find(): { rows: number; elements: number; next: number } {
    const { bytes, end, at, lengths, starts } = this;
    let rows = 0;
    let elements = 0;
    let next = this.start;
    while (rows < BLOCK_ROWS) {
      const length = readLength(bytes, next, end);
      if (length === null) break;
      const { value, from } = length;
      const problem = this.problemOf(value);
      // The rows before it go their way first.
      if (problem !== null && rows > 0) break;
      if (problem !== null) throw this.fail(problem);
      const rowEnd = from + 4 * value + (this.labels ? 4 : 0);
      if (rowEnd > end) return { rows, elements, next: rows === 0 ? rowEnd : next };
      // A row that is longer than a block has it for itself.
      if (rows > 0 && elements + value > BLOCK_BYTES / 4) break;
      at[rows] = from;
      lengths[rows] = value;
      starts[rows] = elements;
      elements += value;
      rows++;
      next = rowEnd;
    }
    return { rows, elements, next };
  }

  /** Moves what is left to the front, in a larger buffer where the row that ends at `needed` asks for one. */
  private makeRoom(needed: number): void {
    const bytes = needed - this.start > this.bytes.length ? this.grown(needed - this.start) : this.bytes;
    this.bytes.copy(bytes, 0, this.start, this.end);
    this.bytes = bytes;
    this.end -= this.start;
    this.start = 0;
  }

  /** Doubled at most, so that a wrong length in a short input asks for no more memory than the input has bytes. */
  private grown(needed: number): Buffer {
    const size = this.end - this.start < this.bytes.length ? this.bytes.length : 2 * this.bytes.length;
    return size === this.bytes.length ? this.bytes : Buffer.allocUnsafeSlow(Math.min(size, needed + LENGTH_BYTES));
  }

  private take(block: Block, rows: number, elements: number): void {
    const { bytes, at, lengths, starts } = this;
    block.growValues(elements);
    block.growScalars(rows);
    block.first = this.done;
    block.setRaggedRows(starts.slice(0, rows), lengths.slice(0, rows));
    this.done += rows;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const words = new Int32Array(block.values.buffer, block.values.byteOffset, elements);
    const target = bytesOf(block.values);
    for (let r = 0; r < rows; r++) {
      const [from, start, count] = [at[r]!, starts[r]!, lengths[r]!];
      // Words, as a NaN that passes through a number may lose its payload.
      if (count < FEW) for (let i = 0; i < count; i++) words[start + i] = view.getInt32(from + 4 * i, true);
      else target.set(bytes.subarray(from, from + 4 * count), 4 * start);
    }
    if (!this.labels) return;
    if (block.labels.length < rows) block.labels = new Int32Array(BLOCK_ROWS);
    for (let r = 0; r < rows; r++) block.labels[r] = view.getInt32(at[r]! + 4 * lengths[r]!, true);
  }

  private problemOf(length: number): string | null {
    if (length === Infinity) return `expected a length of at most ${LENGTH_BYTES} bytes; ${this.question}`;
    if (length > MOST_COLS) return `expected at most ${MOST_COLS} elements, got ${length}; ${this.question}`;
    if (this.cols !== null && length !== this.cols) return `expected ${this.cols} elements (--cols), got ${length}`;
    return null;
  }

  private get question(): string {
    return QUESTION[`${this.labels}`];
  }

  private fail(problem: string): FileError {
    return new FileError(this.input.name, `row ${this.done}, at byte ${this.bytesBefore}: ${problem}`);
  }

  writer(output: ByteOutput, result: Result): Promise<RowWriter> {
    return Promise.resolve(new RowBinaryWriter(output, result));
  }
}

/**
 * A LEB128 number that begins at `at` and where it ends; null when the bytes end first. What has not ended after as many
 * bytes as a length may take is Infinity.
 */
function readLength(bytes: Uint8Array, at: number, end: number): { value: number; from: number } | null {
  let value = 0;
  let factor = 1;
  for (const stop = at + LENGTH_BYTES; at < stop; factor *= 128) {
    if (at >= end) return null;
    const byte = bytes[at++]!;
    value += (byte & 127) * factor;
    if (byte < 128) return { value, from: at };
  }
  return { value: Infinity, from: at };
}
