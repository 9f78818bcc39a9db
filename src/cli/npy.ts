import type { HalfKind } from '../index.js';
import { fileOrderOf, rowShapeOf, withCols, type ArrayLayout } from './array-layout.js';
import type { Block } from './block.js';
import type { ByteInput } from './byte-input.js';
import { HOST_F32, HOST_I32 } from './element-types.js';
import { FileError, UsageError } from './errors.js';
import { FixedRowWriter } from './fixed-rows.js';
import { blockRows, checkCols, type Result, type RowOptions, type RowReader, type RowWriter } from './rows.js';
import { NpyFile } from './npy-file.js';
import { buildHeader } from './npy-header.js';
import type { ByteOutput } from './output-file.js';
import { elementCount, formatShape } from './shape.js';
import { shardRows, type Shard } from './shard.js';

/** Logits in a .npy: one axis is the columns, all the others are the rows. */
export async function openNpy(input: ByteInput, options: RowOptions): Promise<RowReader> {
  const file = await NpyFile.open(input);
  const { name, shape, fortran } = file;
  const half = halfKindOf(file, options.dtype);
  if (shape.length === 0) throw new FileError(name, 'expected at least one axis (the classes), got shape ()');
  const axis = axisOf(file, options.axis);
  const cols = shape[axis]!;
  if (cols === 0) throw new FileError(name, `expected at least one class, got shape ${formatShape(shape)}`);
  checkCols(name, options.cols, cols);
  const reader = new NpyReader(input, file, { shape, axis, fortran }, half, options.shard);
  await file.skip(reader.from * cols);
  return reader;
}

function axisOf({ name, shape }: NpyFile, axis = -1): number {
  const { length } = shape;
  if (axis >= -length && axis < length) return axis < 0 ? length + axis : axis;
  const rule = `in [${-length}, ${length}) for the axes of ${name}, ${formatShape(shape)}`;
  throw new UsageError(`expected --axis to be ${rule}, got ${axis}`, false);
}

/** What the elements are, where they stay as they are; null where they are read as float32. */
function halfKindOf(file: NpyFile, asked: HalfKind | undefined): HalfKind | null {
  const { name, typeName } = file;
  if (typeName === 'u2' || typeName === 'V2') {
    if (asked !== undefined) return asked;
    throw new FileError(name, `expected floats, got ${typeName}: --dtype says whether they are float16 or bfloat16`);
  }
  file.expectFloats();
  const own = typeName === 'f2' ? 'float16' : null;
  if (asked !== undefined && asked !== own) {
    throw new FileError(name, `expected ${asked} (--dtype), in elements of type u2, V2 or f2, got ${typeName}`);
  }
  return own;
}

class NpyReader implements RowReader {
  readonly cols: number;
  readonly inner: number;
  readonly allRows: number;
  readonly from: number;
  readonly rows: number;
  readonly blockRows: number;
  private done = 0;

  constructor(
    readonly input: ByteInput,
    private readonly file: NpyFile,
    readonly layout: ArrayLayout,
    readonly half: HalfKind | null,
    private readonly shard: Shard | undefined,
  ) {
    const { outer, cols, inner } = fileOrderOf(layout);
    this.cols = cols;
    // Of an array without elements there is nothing to divide.
    this.inner = Math.max(elementCount(inner), 1);
    this.allRows = elementCount(outer) * elementCount(inner);
    // A shard and a block are whole outer parts: the rows of one lie side by side.
    const { from, to } = shardRows(this.allRows / this.inner, shard);
    this.from = from * this.inner;
    this.rows = (to - from) * this.inner;
    this.blockRows = Math.min(blockRows(cols * this.inner) * this.inner, this.rows);
  }

  async read(block: Block): Promise<boolean> {
    const rows = Math.min(this.rows - this.done, this.blockRows);
    if (rows === 0) {
      if (this.from + this.rows === this.allRows) await this.file.end();
      return false;
    }
    const elements = rows * this.cols;
    block.first = this.done;
    block.setRows(rows, this.cols);
    if (block.halves === null) await this.file.readFloats(block.values.subarray(0, elements));
    else await this.file.readBits(block.halves.subarray(0, elements));
    this.done += rows;
    return true;
  }

  writer(output: ByteOutput, result: Result): Promise<RowWriter> {
    const type = result.of === 'indices' ? HOST_I32 : HOST_F32;
    const head = buildHeader(type, this.shapeOf(output, result), this.layout.fortran);
    return FixedRowWriter.open(output, result, this, head);
  }

  /** That of the logits, or of their rows; in a part of them the axes that the parts are counted by are one. */
  private shapeOf(output: ByteOutput, { of, k }: Result): readonly number[] {
    const { layout } = this;
    const { cols, inner } = fileOrderOf(layout);
    const width = of === 'row' ? cols : k;
    const isPart = this.shard !== undefined && output.place === undefined;
    if (!isPart) return width === undefined ? rowShapeOf(layout) : withCols(layout, width);
    const lengths = [this.rows / this.inner, ...(width === undefined ? [] : [width]), ...inner];
    return layout.fortran ? lengths.reverse() : lengths;
  }
}
