import { bytesOf, type Block } from './block.js';
import type { ByteInput, Demand } from './byte-input.js';
import { FileError, UsageError } from './errors.js';
import { FixedRowWriter } from './fixed-rows.js';
import { MAGIC as NPY_MAGIC } from './npy-header.js';
import type { ByteOutput } from './output-file.js';
import { blockRows, type Result, type RowOptions, type RowReader, type RowWriter } from './rows.js';
import { shardRows } from './shard.js';

/** Nothing but float32 in this machine's byte order, `--cols` to a row. */
export async function openF32(input: ByteInput, { cols, shard }: RowOptions): Promise<RowReader> {
  if (cols === undefined) throw new UsageError('expected --cols with the length of a row of f32');
  const { name, size } = input;
  if (size === null) {
    if (shard !== undefined)
      throw new UsageError('expected a file with --shard, as the rows of a pipe cannot be counted');
    return new F32Reader(input, cols, undefined, 0);
  }
  const start = new Uint8Array(NPY_MAGIC.length);
  const got = await input.read(start);
  checkRaw(name, start);
  if (size % (4 * cols) !== 0) throw truncated(name, cols, size);
  const rows = size / (4 * cols);
  const { from, to } = shardRows(rows, shard);
  await input.skip(4 * cols * from - got);
  return new F32Reader(input, cols, to - from, from, rows);
}

class F32Reader implements RowReader {
  readonly blockRows: number;
  private done = 0;

  constructor(
    readonly input: ByteInput,
    readonly cols: number,
    readonly rows: number | undefined,
    readonly from: number,
    readonly allRows?: number,
  ) {
    this.blockRows = Math.min(blockRows(cols), rows ?? Infinity);
  }

  async read(block: Block, demand: Demand): Promise<boolean> {
    const { input, cols, blockRows } = this;
    const wanted = this.rows === undefined ? blockRows : Math.min(this.rows - this.done, blockRows);
    if (wanted === 0) return false;
    const rowBytes = 4 * cols;
    const bytes = await input.readSome(bytesOf(block.values, wanted * cols), rowBytes, demand);
    // A file was looked at when it was opened. Of a pipe it is what has come by now: one row may wait for its answer.
    if (this.rows === undefined && this.done === 0) checkRaw(input.name, bytesOf(block.values).subarray(0, bytes));
    // What the file has lost since it was opened is missing, too.
    const missing = this.rows !== undefined && bytes < wanted * rowBytes;
    if (bytes % rowBytes !== 0 || missing)
      throw truncated(input.name, cols, (this.from + this.done) * rowBytes + bytes);
    block.first = this.done;
    block.setRows(bytes / rowBytes, cols);
    this.done += block.rows;
    return block.rows > 0;
  }

  writer(output: ByteOutput, result: Result): Promise<RowWriter> {
    return FixedRowWriter.open(output, result, this, new Uint8Array(0));
  }
}

/** Refuses what begins as a file of another format does. An Arrow stream begins with a NaN, as floats may. */
function checkRaw(name: string, start: Uint8Array): void {
  const magic = String.fromCharCode(...start.subarray(0, NPY_MAGIC.length));
  if (magic === NPY_MAGIC) throw new FileError(name, 'expected nothing but float32, got a .npy: --format npy reads it');
  if (magic === 'ARROW1') {
    const problem = 'expected nothing but float32, got an Arrow file: --format arrow reads it, written as a stream';
    throw new FileError(name, problem);
  }
}

function truncated(name: string, cols: number, bytes: number): FileError {
  const rowBytes = 4 * cols;
  const rest = bytes % rowBytes;
  const row = Math.floor(bytes / rowBytes);
  return new FileError(
    name,
    `truncated: expected rows of ${rowBytes} bytes (${cols} columns), got ${bytes} bytes (row ${row} has ${rest})`,
  );
}
