import type { LayoutOptions } from '../index.js';
import { checkOrder, fileOrderOf, periodIn, rowShapeOf, withCols, type ArrayLayout } from './array-layout.js';
import { BesideFile, readAll, type Kind } from './beside-file.js';
import type { Block } from './block.js';
import { FileError, UsageError } from './errors.js';
import { NpyFile } from './npy-file.js';
import type { RowReader } from './rows.js';
import { elementCount, formatShape, sameShape } from './shape.js';

/** The files that say which columns take part. */
export interface PartFiles {
  readonly mask?: string | undefined;
  readonly starts?: string | undefined;
  readonly ends?: string | undefined;
}

const BYTES: Kind<Uint8Array> = { make: (n) => new Uint8Array(n), read: (file, into) => file.readBits(into) };
/** Packed bits. */
const WORDS: Kind<Int32Array> = { make: (n) => new Int32Array(n), read: (file, into) => file.readBits(into) };
/** Integers of any size. */
const NUMBERS: Kind<Int32Array> = { make: (n) => new Int32Array(n), read: (file, into) => file.readInt32(into) };

type Bounds = BesideFile<Int32Array>;
interface Mask {
  /** Elements a row. */
  readonly width: number;
  readonly bytes?: BesideFile<Uint8Array>;
  readonly words?: BesideFile<Int32Array>;
  /** One for all rows. */
  readonly shared?: Uint8Array | Int32Array;
}

/** How the rows lie and what of them takes part, read beside them. */
export class TakingPart {
  private constructor(
    private readonly reader: RowReader,
    private readonly files: NpyFile[],
    private mask: Mask | null = null,
    private starts: Bounds | null = null,
    private ends: Bounds | null = null,
  ) {}

  static async open({ mask, starts, ends }: PartFiles, reader: RowReader): Promise<TakingPart> {
    const part = new TakingPart(reader, []);
    const given = Object.entries({ mask, starts, ends }).find(([, path]) => path !== undefined)?.[0];
    if (given !== undefined && (reader.cols === null || reader.blockRows === undefined)) {
      throw new UsageError(`expected npy or f32 with --${given}, as its rows are those of an array`);
    }
    try {
      if (mask !== undefined) part.mask = await part.openMask(mask);
      if (starts !== undefined) part.starts = await part.openBounds(starts);
      if (ends !== undefined) part.ends = await part.openBounds(ends);
      return part;
    } catch (error) {
      await part.close();
      throw error;
    }
  }

  /** Reads what goes with the block's rows. */
  async fill(block: Block): Promise<void> {
    const { rows } = block;
    const { inner = 1, half } = this.reader;
    const layout: LayoutOptions<string> = {};
    if (inner > 1) layout.inner = inner;
    if (half) layout.dtype = half;
    if (rows > 0) {
      if (this.mask !== null) layout.mask = await maskOf(this.mask, rows, block.layout.mask);
      if (this.starts !== null) layout.starts = await filled(this.starts, NUMBERS, rows, block.layout.starts);
      if (this.ends !== null) layout.ends = await filled(this.ends, NUMBERS, rows, block.layout.ends);
      this.checkBounds(layout, rows);
    }
    block.layout = layout;
  }

  /** After the last row. */
  async end(): Promise<void> {
    const all = this.reader.allRows === undefined;
    for (const file of [this.mask?.bytes, this.mask?.words, this.starts, this.ends]) await file?.end(all);
  }

  async close(): Promise<void> {
    for (const file of this.files) await file.close();
  }

  private async openFile(path: string): Promise<NpyFile> {
    const file = await NpyFile.openPath(path);
    this.files.push(file);
    return file;
  }

  /** Of the logits; of rows that come through a pipe, as many as the file beside them has. */
  private layoutFor(file: NpyFile): ArrayLayout {
    const { layout, allRows, cols } = this.reader;
    return layout ?? { shape: [allRows ?? file.shape[0] ?? 1, cols!], axis: 1, fortran: false };
  }

  private async openMask(path: string): Promise<Mask> {
    const file = await this.openFile(path);
    const { typeName, shape, fortran } = file;
    const isBits = typeName === 'u4' || typeName === 'i4';
    if (!isBits && !['b1', 'u1', 'i1'].includes(typeName)) {
      const hint = `got ${typeName} (mask.astype(bool) makes a mask of numbers)`;
      throw new FileError(path, `expected a mask of bools, bytes (u1) or packed bits (u4), ${hint}`);
    }
    const logits = this.layoutFor(file);
    const { inner } = fileOrderOf(logits);
    if (isBits && elementCount(inner) > 1) {
      throw new FileError(
        path,
        `expected bools or bytes where the rows lie side by side, got packed bits (${typeName})`,
      );
    }
    const width = isBits ? Math.ceil(this.reader.cols! / 32) : this.reader.cols!;
    const whole = withCols(logits, width);
    if (isOneForAll(shape, logits, width)) {
      return {
        width,
        shared: (await readAll<Uint8Array | Int32Array>(file, isBits ? WORDS : BYTES, width)).slice(0, width),
      };
    }
    const period = periodIn(whole, shape, logits.fortran);
    if (period === null) {
      const what = `a mask${isBits ? ' of packed bits' : ''}`;
      const rule = `${what} of shape ${formatShape(whole)}, or a part of it that repeats along the ${slowAxes(logits)} axes`;
      throw new FileError(path, `expected ${rule}, got ${formatShape(shape)}`);
    }
    checkOrder({ name: path, shape, fortran }, logits);
    const [all, from] = [elementCount(whole), this.reader.from * width];
    if (isBits) return { width, words: await BesideFile.open(file, WORDS, period, all, from) };
    return { width, bytes: await BesideFile.open(file, BYTES, period, all, from) };
  }

  private async openBounds(path: string): Promise<Bounds> {
    const file = await this.openFile(path);
    const { typeName, type, shape, fortran } = file;
    if (type !== 'integer' || typeName === 'b1') throw new FileError(path, `expected integers, got ${typeName}`);
    const logits = this.layoutFor(file);
    const whole = rowShapeOf(logits);
    const period = periodIn(whole, shape, logits.fortran) ?? periodIn(withCols(logits, 1), shape, logits.fortran);
    if (period === null) {
      const rule = `one a row, of shape ${formatShape(whole)}, or a part of them that repeats along the ${slowAxes(logits)} axes`;
      throw new FileError(path, `expected ${rule}, got ${formatShape(shape)}`);
    }
    checkOrder({ name: path, shape, fortran }, logits);
    return BesideFile.open(file, NUMBERS, period, elementCount(whole), this.reader.from);
  }

  /** As the library does, which knows neither the files nor the rows of other blocks. */
  private checkBounds({ starts, ends }: LayoutOptions<string>, rows: number): void {
    const cols = this.reader.cols!;
    for (let r = 0; r < rows; r++) {
      const start = starts?.[r] ?? 0;
      const end = ends?.[r] ?? cols;
      if (end < 0 || end > cols) throw wrongBound(this.ends!, r, rows, `in [0, ${cols}]`, end);
      if (start >= 0 && start <= end) continue;
      throw wrongBound(this.starts ?? this.ends!, r, rows, `in [0, ${end}], where the row ends`, start);
    }
  }
}

/** Along which the file goes on after all that is shorter has repeated. */
function slowAxes({ fortran }: ArrayLayout): string {
  return fortran ? 'last' : 'first';
}

function wrongBound(bounds: Bounds, row: number, rows: number, rule: string, got: number): FileError {
  return new FileError(bounds.name, `expected element ${bounds.nameOf(row, rows)} to be ${rule}, got ${got}`);
}

/** Whether a mask has one element a column, and nothing else. */
function isOneForAll(shape: readonly number[], logits: ArrayLayout, width: number): boolean {
  const { shape: whole, axis } = logits;
  if (shape.length > whole.length || shape.length < whole.length - axis) return false;
  const full = [...whole.slice(shape.length).map(() => 1), ...shape];
  return sameShape(full, withCols({ ...logits, shape: whole.map(() => 1) }, width));
}

async function maskOf({ width, bytes, words, shared }: Mask, rows: number, used: LayoutOptions['mask']) {
  if (shared !== undefined) return shared;
  if (words !== undefined) return filled(words, WORDS, rows * width, used as Int32Array | undefined);
  return filled(bytes!, BYTES, rows * width, used as Uint8Array | undefined);
}

/** The next elements, in the array of the block before where that is long enough. */
async function filled<T extends Uint8Array | Int32Array>(
  file: BesideFile<T>,
  kind: Kind<T>,
  count: number,
  used: T | undefined,
): Promise<T> {
  const room = used !== undefined && used.length >= count ? used : kind.make(count);
  const into = room.subarray(0, count) as T;
  await file.fill(into);
  return into;
}
