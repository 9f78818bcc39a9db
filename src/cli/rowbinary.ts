import { bytesOf, type Block } from './block.js';
import type { ByteInput, Demand } from './byte-input.js';
import { FileError, UsageError } from './errors.js';
import type { ByteOutput } from './output-file.js';
import { BLOCK_BYTES, type ResultShape, type RowOptions, type RowReader, type RowWriter } from './rows.js';

// The format: https://clickhouse.com/docs/en/interfaces/formats/RowBinary

const BLOCK_ROWS = 1 << 16;
/** What claims to be longer is no row (1 GiB); ClickHouse takes arrays of as many elements. */
const MOST_COLS = 1 << 28;
/** A length takes five bytes at most. */
const LENGTH_BYTES = 5;
/** Shorter rows are copied element by element: a view of them would cost more. */
const FEW = 32;

/**
 * ClickHouse's RowBinary of one column Array(Float32): each row is its length (LEB128) and its elements, which lie at
 * any address. With `labels` a second column Int32 follows. Results are Array(Float32) or Float32.
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
        if (this.start < this.end) throw this.fail('truncated: the data end inside of it');
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
    block.setRaggedRows(rows, starts, lengths);
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
    if (length > MOST_COLS) return `expected at most ${MOST_COLS} elements, got ${length}`;
    if (this.cols !== null && length !== this.cols) return `expected ${this.cols} elements (--cols), got ${length}`;
    return null;
  }

  private fail(problem: string): FileError {
    return new FileError(this.input.name, `row ${this.done}, at byte ${this.bytesBefore}: ${problem}`);
  }

  writer(output: ByteOutput, shape: ResultShape): Promise<RowWriter> {
    return Promise.resolve(new RowBinaryWriter(output, shape));
  }
}

/** A LEB128 number that begins at `at` and where it ends; null when the bytes end first. */
function readLength(bytes: Uint8Array, at: number, end: number): { value: number; from: number } | null {
  let value = 0;
  for (let factor = 1; at < end; factor *= 128) {
    const byte = bytes[at++]!;
    value += (byte & 127) * factor;
    // Too long is too large: who reads on would never come to an end.
    if (byte < 128 || value > MOST_COLS) return { value, from: at };
  }
  return null;
}

class RowBinaryWriter implements RowWriter {
  private bytes = new Uint8Array(0);

  constructor(
    private readonly output: ByteOutput,
    private readonly shape: ResultShape,
  ) {}

  async write(block: Block): Promise<void> {
    if (this.shape === 'scalar') return this.output.write(bytesOf(block.scalars, block.rows));
    const most = block.runs.reduce((sum, { rows, cols }) => sum + rows * (LENGTH_BYTES + 4 * cols), 0);
    if (this.bytes.length < most) this.bytes = new Uint8Array(most);
    await this.output.write(this.bytes.subarray(0, this.encode(block)));
  }

  private encode({ runs, values }: Block): number {
    const { bytes } = this;
    const view = new DataView(bytes.buffer);
    const words = new Int32Array(values.buffer, values.byteOffset, values.length);
    const source = bytesOf(values);
    let at = 0;
    for (const { element, rows, cols } of runs) {
      for (let r = 0, start = element; r < rows; r++, start += cols) {
        let length = cols;
        for (; length > 127; length >>>= 7) bytes[at++] = (length & 127) | 128;
        bytes[at++] = length;
        if (cols < FEW) for (let i = 0; i < cols; i++) view.setInt32(at + 4 * i, words[start + i]!, true);
        else bytes.set(source.subarray(4 * start, 4 * (start + cols)), at);
        at += 4 * cols;
      }
    }
    return at;
  }

  end(): Promise<void> {
    return this.output.commit();
  }
}
