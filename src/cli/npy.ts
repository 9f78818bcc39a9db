import type { Block } from './block.js';
import type { ByteInput } from './byte-input.js';
import { HOST_F32 } from './element-types.js';
import { FileError } from './errors.js';
import { FixedRowWriter } from './fixed-rows.js';
import { blockRows, checkCols, type ResultShape, type RowOptions, type RowReader, type RowWriter } from './rows.js';
import { NpyFile } from './npy-file.js';
import { buildHeader } from './npy-header.js';
import type { ByteOutput } from './output-file.js';
import { elementCount, formatShape } from './shape.js';
import { shardRows, type Shard } from './shard.js';

/** Logits in a .npy: the last axis is the columns, the axes before it are the rows. */
export async function openNpy(input: ByteInput, options: RowOptions): Promise<RowReader> {
  const file = await NpyFile.open(input);
  const { name, shape } = file;
  file.expectFloats();
  const cols = shape.at(-1);
  if (cols === undefined) throw new FileError(name, 'expected at least one axis (the classes), got shape ()');
  if (cols === 0) throw new FileError(name, `expected at least one class, got shape ${formatShape(shape)}`);
  checkCols(name, options.cols, cols);
  const reader = new NpyReader(input, file, cols, options.shard);
  await file.skip(reader.from * cols);
  return reader;
}

class NpyReader implements RowReader {
  readonly allRows: number;
  readonly from: number;
  readonly rows: number;
  readonly rowShape: readonly number[];
  readonly blockRows: number;
  private done = 0;

  constructor(
    readonly input: ByteInput,
    private readonly file: NpyFile,
    readonly cols: number,
    private readonly shard: Shard | undefined,
  ) {
    this.rowShape = file.shape.slice(0, -1);
    this.allRows = elementCount(this.rowShape);
    const { from, to } = shardRows(this.allRows, shard);
    this.from = from;
    this.rows = to - from;
    this.blockRows = Math.min(blockRows(cols), this.rows);
  }

  async read(block: Block): Promise<boolean> {
    const rows = Math.min(this.rows - this.done, this.blockRows);
    if (rows === 0) {
      if (this.from + this.rows === this.allRows) await this.file.end();
      return false;
    }
    block.first = this.done;
    block.setRows(rows, this.cols);
    await this.file.readFloats(block.values.subarray(0, rows * this.cols));
    this.done += rows;
    return true;
  }

  /** The shape of the logits, or of their rows; a part of them has lost the axes that its rows were counted by. */
  writer(output: ByteOutput, shape: ResultShape): Promise<RowWriter> {
    const isPart = this.shard !== undefined && output.place === undefined;
    const rowShape = isPart ? [this.rows] : this.rowShape;
    const head = buildHeader(HOST_F32, shape === 'row' ? [...rowShape, this.cols] : rowShape);
    return FixedRowWriter.open(output, shape, this, head);
  }
}
