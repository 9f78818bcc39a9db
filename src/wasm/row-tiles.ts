import { type OperandArray, sharesWith } from '../operand.js';
import type { Call } from '../operation.js';
import { bitsOf, ENDS, isShared, MASK, maskWidth, numberIn, STARTS } from '../rows.js';
import type { Area } from './area.js';
import type { Views } from './linear-memory.js';
import { HALF_KINDS, type Reader } from './reader-module.js';
import { isStagedOnce, type Shape, shapeOf } from './row-shape.js';
import type { Residents } from './tiles.js';

/** Some rows of a call: of its matrices so many lines of elements that lie together, `stride` elements apart. */
interface Tile {
  /** The first row, and how many. */
  row: number;
  rows: number;
  /** The first element. */
  at: number;
  lines: number;
  length: number;
  stride: number;
}

/** Where lines lie: a byte pointer, and elements from one to the next. */
interface Lines {
  pointer: number;
  stride: number;
}

/**
 * A call whose rows are not plain, in tiles: what does not lie in the kernels' memory is copied there, made float32 rows in
 * which -Infinity stands for what takes no part, computed, and brought back the same way. Kernels see plain rows, but for
 * narrow ones that lie side by side already as they want them, and for the spans of wide ones.
 */
export class RowTiles {
  readonly #area: Area;
  readonly #views: Views;
  readonly #residents: Residents;
  readonly #base: number;
  readonly #reader: Reader;
  // Of the call in work: its arrays as bits, which are in this memory, its matrices by index, the kernel's pointers.
  #call!: Call;
  #shape!: Shape;
  #arrays: (OperandArray | null)[] = [];
  #isResident: boolean[] = [];
  #inputs: number[] = [];
  #outputs: number[] = [];
  #pointers: number[] = [];

  constructor(area: Area, views: Views, residents: Residents, base: number, reader: Reader) {
    this.#area = area;
    this.#views = views;
    this.#residents = residents;
    this.#base = base;
    this.#reader = reader;
  }

  /** Whether its copies end before `limit`; if so, computes the call. */
  run(call: Call, limit: number): boolean {
    const { count, operands } = call.operation;
    const arrays = call.operands.map((array) => array && bitsOf(array));
    const isResident = arrays.map((array) => array !== null && this.#residents.has(array));
    const shape = shapeOf(call, arrays, isResident, this.#base, limit);
    if (shape === null) return false;
    const matrices = arrays.slice(0, count).flatMap((array, i) => (array && operands[i].width === 'row' ? [i] : []));
    this.#call = call;
    this.#shape = shape;
    this.#arrays = arrays;
    this.#isResident = isResident;
    this.#inputs = matrices.filter((i) => !operands[i].output);
    this.#outputs = matrices.filter((i) => operands[i].output);
    this.#pointers = arrays.slice(0, count).map(() => 0);
    this.#area.begin(call);
    this.#stageShared();
    this.#runTiles();
    this.#area.lay(0, 0);
    this.#area.forget();
    this.#arrays = [];
    call.total = this.#area.total;
    return true;
  }

  /** Bytes of memory, up to the end of the copies, that the call needs at least. */
  bytesFor(call: Call): number {
    const arrays = call.operands.map((array) => array && bitsOf(array));
    const nowhere = arrays.map(() => false);
    return shapeOf(call, arrays, nowhere, this.#base, Infinity)!.end;
  }

  #runTiles(): void {
    const { rows, cols, layout } = this.#call;
    const { inner, offset } = layout;
    const { step, whole } = this.#shape;
    let some: number;
    for (let row = 0; row < rows; row += some) {
      some = Math.min(step, rows - row);
      if (inner === 1) {
        this.#runTile({ row, rows: some, at: row * cols, lines: some, length: cols, stride: cols });
        continue;
      }
      const pixel = (offset + row) % inner;
      const at = (offset + row - pixel) * cols + pixel;
      if (whole) {
        this.#runTile({ row, rows: some, at, lines: (some / inner) * cols, length: inner, stride: inner });
      } else {
        some = Math.min(some, inner - pixel);
        this.#runTile({ row, rows: some, at, lines: cols, length: some, stride: inner });
      }
    }
  }

  #runTile(tile: Tile): void {
    this.#eachRowValue(tile, false);
    if (this.#call.layout.inner === 1) this.#runPlain(tile);
    else if (this.#shape.across) this.#runAcross(tile);
    else this.#runTurned(tile);
    this.#eachRowValue(tile, true);
  }

  /** Rows one after the other. */
  #runPlain(tile: Tile): void {
    const pointers = this.#pointers;
    for (const i of this.#inputs) {
      const place = this.#placeOf(i, tile);
      pointers[i] = this.#maskRows(i, tile.row, tile.rows, this.#read(i, tile, place), place).pointer;
    }
    for (const j of this.#outputs) pointers[j] = this.#placeOf(j, tile).pointer;
    this.#compute(tile.rows, 0);
    for (const j of this.#outputs) this.#write(j, tile, this.#placeOf(j, tile));
  }

  /** Rows side by side, as kernels take narrow ones. */
  #runAcross(tile: Tile): void {
    const pointers = this.#pointers;
    const { direct } = this.#shape;
    const placeOf = (i: number) => (direct ? this.#own(i, tile) : this.#copyOf(i, tile));
    for (const i of this.#inputs)
      pointers[i] = this.#maskLines(i, tile, this.#read(i, tile, placeOf(i), !direct)).pointer;
    for (const j of this.#outputs) pointers[j] = placeOf(j).pointer;
    this.#area.lay(4 * placeOf(0).stride, 0);
    this.#area.run(pointers, tile.rows, 0);
    for (const j of this.#outputs) this.#write(j, tile, placeOf(j));
  }

  /** Rows side by side, some of them turned at a time: to rows one after the other, and back. */
  #runTurned(tile: Tile): void {
    const pointers = this.#pointers;
    const { turned } = this.#shape;
    const { cols } = this.#call;
    const lines = this.#inputs.map((i) => this.#maskLines(i, tile, this.#read(i, tile, this.#copyOf(i, tile))));
    const results = this.#outputs.map((j) => this.#placeOf(j, tile));
    for (let p = 0, n = 0; p < tile.rows; p += n) {
      n = Math.min(this.#shape.part, tile.rows - p);
      this.#inputs.forEach((i, k) => {
        this.#turn(tile, p, n, lines[k], (pointer, step, m, at) => {
          this.#reader.turn(pointer, step, cols, m, turned[i] + 4 * at * cols, 4 * cols);
        });
        const rows = { pointer: turned[i], stride: cols };
        pointers[i] = this.#maskRows(i, tile.row + p, n, rows, rows).pointer;
      });
      for (const j of this.#outputs) pointers[j] = turned[j];
      this.#compute(n, p);
      this.#outputs.forEach((j, k) => {
        this.#turn(tile, p, n, results[k], (pointer, step, m, at) => {
          this.#reader.turn(turned[j] + 4 * at * cols, 4 * cols, m, cols, pointer, step);
        });
      });
    }
    this.#outputs.forEach((j, k) => this.#write(j, tile, results[k]));
  }

  /** Calls f for each block of rows [p, p + n) of a tile: where it lies, its step in bytes, its rows, and those before. */
  #turn(
    tile: Tile,
    p: number,
    n: number,
    { pointer, stride }: Lines,
    f: (pointer: number, step: number, rows: number, before: number) => void,
  ): void {
    if (!this.#shape.whole) return f(pointer + 4 * p, 4 * stride, n, 0);
    const { length } = tile;
    const { cols } = this.#call;
    for (let r = 0; r < n; r += length) f(pointer + 4 * ((p + r) / length) * cols * stride, 4 * stride, length, r);
  }

  /** n rows, the matrices at their pointers; what has one element a row begins with that many of the tile. */
  #compute(n: number, before: number): void {
    const { operation, cols, layout } = this.#call;
    const pointers = this.#pointers.map((pointer, i) =>
      pointer > 0 && operation.operands[i].width === 'one' ? pointer + 4 * before : pointer,
    );
    const empty = layout.emptyIsZero ? this.#emptyRows(n) : [];
    this.#area.lay(0, this.#shape.spans);
    this.#area.run(pointers, n, 0);
    for (const r of empty) {
      for (const j of this.#outputs) {
        const start = pointers[j] / 4 + r * cols;
        this.#views.floats.fill(operation.empty, start, start + cols);
      }
    }
  }

  /** Which of n rows are nothing but -Infinity. */
  #emptyRows(n: number): number[] {
    const { cols } = this.#call;
    const { spans } = this.#shape;
    const { floats, ints } = this.#views;
    const found: number[] = [];
    for (let r = 0; r < n; r++) {
      const start = this.#pointers[0] / 4 + r * cols;
      let c = spans > 0 ? ints[spans / 4 + 2 * r] : 0;
      const end = spans > 0 ? ints[spans / 4 + 2 * r + 1] : cols;
      while (c < end && floats[start + c] === -Infinity) c++;
      if (c === end) found.push(r);
    }
    return found;
  }

  /** Where a matrix lies in the kernels' memory, where its copy does, and where its float32 rows are made. */
  #own(i: number, { at, stride }: Tile): Lines {
    const array = this.#arrays[i]!;
    return { pointer: array.byteOffset + array.BYTES_PER_ELEMENT * at, stride };
  }
  #copyOf(i: number, { length, stride }: Tile): Lines {
    return { pointer: this.#shape.tiles[i], stride: stride === length ? length : this.#shape.pitch };
  }
  #placeOf(i: number, tile: Tile): Lines {
    const { operands } = this.#call.operation;
    const result = operands[i].output ? i : this.#outputs.find((j) => sharesWith(operands, j) === i);
    const isThere = result !== undefined && this.#isResident[result] && this.#isFloat(result);
    return isThere ? this.#own(result, tile) : this.#copyOf(i, tile);
  }
  #isFloat(i: number): boolean {
    return this.#arrays[i]!.BYTES_PER_ELEMENT === 4;
  }

  /** A matrix as float32 lines: where it lies if it can be used there, else at `place`. */
  #read(i: number, tile: Tile, place: Lines, copied = false): Lines {
    const array = this.#arrays[i]!;
    if (this.#isFloat(i)) {
      if (this.#isResident[i] && !copied) return this.#own(i, tile);
      this.#copyIn(array, tile, place, 4);
      return place;
    }
    let half = this.#own(i, tile);
    if (!this.#isResident[i]) {
      half = { pointer: this.#shape.raws[i], stride: place.stride };
      this.#copyIn(array, tile, half, 2);
    }
    const { lines, length } = merged(tile, half, place);
    const kind = HALF_KINDS[this.#call.layout.half!];
    this.#reader.halvesIn(kind, half.pointer, 2 * half.stride, place.pointer, 4 * place.stride, lines, length);
    return place;
  }

  /** Brings float32 lines to where a matrix is wanted. */
  #write(j: number, tile: Tile, from: Lines): void {
    const array = this.#arrays[j]!;
    const own = this.#own(j, tile);
    if (this.#isFloat(j)) {
      if (!this.#isResident[j]) this.#copyOut(array, tile, from, 4);
      else if (own.pointer !== from.pointer)
        this.#copyOut(this.#views.floats, { ...tile, at: own.pointer / 4 }, from, 4);
      return;
    }
    const half = this.#isResident[j] ? own : { pointer: this.#shape.raws[j], stride: from.stride };
    const { lines, length } = merged(tile, from, half);
    const kind = HALF_KINDS[this.#call.layout.half!];
    this.#reader.halvesOut(kind, from.pointer, 4 * from.stride, half.pointer, 2 * half.stride, lines, length);
    if (!this.#isResident[j]) this.#copyOut(array, tile, half, 2);
  }

  /** Copies the lines of a tile between an array and memory. */
  #copyIn(array: OperandArray, tile: Tile, { pointer, stride }: Lines, bytes: number): void {
    const { lines, length } = merged(tile, tile, { stride });
    for (let k = 0; k < lines; k++) {
      this.#views.bitsIn(array, tile.at + k * tile.stride, length, pointer + k * stride * bytes);
    }
  }
  #copyOut(array: OperandArray, tile: Tile, { pointer, stride }: Lines, bytes: number): void {
    const { lines, length } = merged(tile, tile, { stride });
    for (let k = 0; k < lines; k++) {
      this.#views.bitsOut(pointer + k * stride * bytes, array, tile.at + k * tile.stride, length);
    }
  }

  /** A mask in the layout of matrices that lie side by side, on their lines. */
  #maskLines(i: number, tile: Tile, lines: Lines): Lines {
    const { operation } = this.#call;
    const { absent } = operation.operands[i];
    const index = operation.count + MASK;
    const mask = this.#arrays[index];
    if (Number.isNaN(absent) || !mask || isShared(this.#call, index)) return lines;
    const place = this.#copyOf(i, tile);
    let own = this.#own(index, tile);
    if (!this.#isResident[index]) {
      own = { pointer: this.#shape.mask, stride: place.stride };
      if (i === 0) this.#copyIn(mask, tile, own, 1);
    }
    const { lines: count, length } = tile;
    const step = 4 * place.stride;
    this.#reader.maskBytes(
      own.pointer,
      own.stride,
      lines.pointer,
      4 * lines.stride,
      place.pointer,
      step,
      count,
      length,
      absent,
    );
    return place;
  }

  /** What takes part of rows [row, row + n) of a matrix, which stand one after the other. */
  #maskRows(i: number, row: number, n: number, lines: Lines, place: Lines): Lines {
    const { operation, cols, layout } = this.#call;
    const { absent } = operation.operands[i];
    const { starts, ends } = this.#shape;
    const spans = i === 0 ? this.#shape.spans : 0;
    if (Number.isNaN(absent)) return lines;
    const index = operation.count + MASK;
    const mask = this.#arrays[index] ?? null;
    const isByRow = mask !== null && (layout.inner === 1 || isShared(this.#call, index));
    if (isByRow) this.#maskWith(mask, row, n, lines, place, absent);
    if (isByRow) lines = place;
    if (starts + ends + spans > 0) {
      if (i === 0) this.#stageLimits(row, n);
      const step = 4 * place.stride;
      this.#reader.maskSpans(
        starts,
        ends,
        spans,
        lines.pointer,
        4 * lines.stride,
        place.pointer,
        step,
        n,
        cols,
        absent,
      );
      lines = place;
    }
    if (spans > 0 && (mask !== null || layout.emptyIsZero))
      this.#reader.trimSpans(lines.pointer, 4 * lines.stride, n, spans);
    return lines;
  }

  /** A mask's rows: each row's own, or those that repeat. */
  #maskWith(mask: OperandArray, row: number, n: number, lines: Lines, place: Lines, absent: number): void {
    const { cols, layout } = this.#call;
    const period = layout.periods[MASK];
    const isBytes = mask.BYTES_PER_ELEMENT === 1;
    const bytes = maskWidth(mask, cols) * mask.BYTES_PER_ELEMENT;
    const apply = isBytes ? this.#reader.maskBytes : this.#reader.maskBits;
    const isMerged = isBytes && period !== 1 && lines.stride === cols && place.stride === cols;
    for (let done = 0, some = n; done < n; done += some) {
      const first = numberIn(layout, MASK, row + done);
      if (period > 1) some = Math.min(n - done, period - first);
      const from = this.#maskAt(mask, first, period === 1 ? 1 : some);
      const x = lines.pointer + 4 * done * lines.stride;
      const y = place.pointer + 4 * done * place.stride;
      if (isMerged) apply(from, 0, x, 0, y, 0, 1, some * cols, absent);
      else apply(from, period === 1 ? 0 : bytes, x, 4 * lines.stride, y, 4 * place.stride, some, cols, absent);
    }
  }

  /** The byte pointer of a mask's rows [row, row + n). */
  #maskAt(mask: OperandArray, row: number, n: number): number {
    const width = maskWidth(mask, this.#call.cols);
    if (this.#isResident[this.#call.operation.count + MASK])
      return mask.byteOffset + row * width * mask.BYTES_PER_ELEMENT;
    if (isStagedOnce(this.#call, mask)) return this.#shape.mask + row * width * mask.BYTES_PER_ELEMENT;
    this.#views.bitsIn(mask, row * width, n * width, this.#shape.mask);
    return this.#shape.mask;
  }

  #stageLimits(row: number, n: number): void {
    const { operation, layout } = this.#call;
    for (const which of [STARTS, ENDS]) {
      const limits = this.#arrays[operation.count + which];
      const to = this.#shape[which === STARTS ? 'starts' : 'ends'] / 4;
      if (limits) for (let r = 0; r < n; r++) this.#views.ints[to + r] = limits[numberIn(layout, which, row + r)];
    }
  }

  /** What serves all rows. */
  #stageShared(): void {
    const { operation, cols } = this.#call;
    for (let i = 0; i < operation.count; i++) {
      const array = this.#arrays[i];
      if (array === null || operation.operands[i].width !== 'all') continue;
      this.#pointers[i] = this.#isResident[i] ? array.byteOffset : this.#shape.ones[i];
      if (!this.#isResident[i]) this.#views.copyIn(array, false, 0, cols, this.#pointers[i]);
    }
    const mask = this.#arrays[operation.count + MASK];
    if (mask && !this.#isResident[operation.count + MASK] && isStagedOnce(this.#call, mask)) {
      this.#views.bitsIn(mask, 0, mask.length, this.#shape.mask);
    }
  }

  /** What has one element a row: before the rows are computed, and after. */
  #eachRowValue({ row, rows }: Tile, isAfter: boolean): void {
    const { operation } = this.#call;
    for (let i = 0; i < operation.count; i++) {
      const array = this.#arrays[i];
      const { width, output, type } = operation.operands[i];
      if (array === null || width !== 'one') continue;
      if (this.#isResident[i] && array.BYTES_PER_ELEMENT === 4) {
        this.#pointers[i] = array.byteOffset + 4 * row;
        continue;
      }
      this.#pointers[i] = this.#shape.ones[i];
      if (!output && !isAfter) this.#views.copyIn(array, type !== 'f32', row, rows, this.#pointers[i]);
      if (output && isAfter) this.#views.copyOut(this.#pointers[i], array as Float32Array, row, rows);
    }
  }
}

type Strided = Pick<Lines, 'stride'>;

/** As few lines as may be: where they follow one another everywhere it is one. */
function merged({ lines, length }: Tile, a: Strided, b: Strided): { lines: number; length: number } {
  return a.stride === length && b.stride === length ? { lines: 1, length: lines * length } : { lines, length };
}
