import type { OperandArray } from '../operand.js';
import type { Call } from '../operation.js';
import { bitsOf, ENDS, isShared, MASK, maskWidth, numberIn, STARTS } from '../rows.js';
import type { Area } from './area.js';
import type { Views } from './linear-memory.js';
import { HALF_KINDS, type Reader } from './reader-module.js';
import { isStagedOnce, type Shape, shapeOf } from './row-shape.js';
import type { Residents } from './tiles.js';
import { byteOffsetOf, elementBytes, lengthOf } from '../view.js';

/** A matrix of the call in work. */
interface Matrix {
  index: number;
  array: OperandArray;
  /** Bytes of an element: 4, or 2 of half floats. */
  size: number;
  isResident: boolean;
  /** What stands where a column takes no part; NaN: the column's own. */
  absent: number;
  /** Byte pointers of its float32 copy, its half floats' copy, what is turned of it; of an output those of its input. */
  tile: number;
  raw: number;
  turned: number;
  /** Where the lines of the tile in work are, float32: a byte pointer, and elements from one to the next. */
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
  // Of the call in work.
  #call!: Call;
  #shape!: Shape;
  #arrays: (OperandArray | null)[] = [];
  #inputs: Matrix[] = [];
  #outputs: Matrix[] = [];
  #mask: Matrix | null = null;
  /** The operands of the kernel, and those that are one a row. */
  #pointers: number[] = [];
  #ones: number[] = [];
  // Of the tile: its first row, its rows; of matrices the first element, lines of so many elements, so many apart.
  #row = 0;
  #rows = 0;
  #at = 0;
  #lines = 0;
  #length = 0;
  #stride = 0;
  /** Where its rows' spans are; 0: they are whole. */
  #spans = 0;

  constructor(area: Area, views: Views, residents: Residents, base: number, reader: Reader) {
    this.#area = area;
    this.#views = views;
    this.#residents = residents;
    this.#base = base;
    this.#reader = reader;
  }

  /** Whether its copies end before `limit`; if so, computes the call. */
  run(call: Call, limit: number): boolean {
    const arrays = call.operands.map((array) => array && bitsOf(array));
    const isResident = arrays.map((array) => array !== null && this.#residents.has(array));
    const shape = shapeOf(call, arrays, isResident, this.#base, limit);
    if (shape === null) return false;
    this.#begin(call, arrays, isResident, shape);
    this.#area.begin(call);
    this.#stageShared();
    this.#runTiles();
    this.#area.lay(0, 0, 0);
    this.#area.forget();
    this.#arrays = this.#inputs = this.#outputs = [];
    this.#mask = null;
    call.total = this.#area.total;
    return true;
  }

  /** Bytes of memory, up to the end of the copies, that the call needs at least. */
  bytesFor(call: Call): number {
    const arrays = call.operands.map((array) => array && bitsOf(array));
    const nowhere = arrays.map(() => false);
    return shapeOf(call, arrays, nowhere, this.#base, Infinity)!.end;
  }

  #begin(call: Call, arrays: (OperandArray | null)[], isResident: boolean[], shape: Shape): void {
    const { count, operands } = call.operation;
    this.#call = call;
    this.#shape = shape;
    this.#arrays = arrays;
    const matrixOf = (index: number, mask = 0): Matrix => ({
      index,
      array: arrays[index]!,
      size: elementBytes(arrays[index]!),
      isResident: isResident[index],
      absent: operands[index].absent,
      tile: shape.tiles[index],
      raw: mask || shape.raws[index],
      turned: shape.turned[index],
      ...{ pointer: 0, stride: 0 },
    });
    this.#inputs = [];
    this.#outputs = [];
    this.#ones = [];
    this.#spans = 0;
    for (let i = 0; i < count; i++) {
      if (arrays[i] === null) continue;
      if (operands[i].width === 'one' || operands[i].width === 'k') this.#ones.push(i);
      if (operands[i].width === 'row') (operands[i].output ? this.#outputs : this.#inputs).push(matrixOf(i));
    }
    this.#mask = arrays[count + MASK] ? matrixOf(count + MASK, shape.mask) : null;
    this.#pointers = arrays.slice(0, count).map(() => 0);
  }

  #runTiles(): void {
    const { rows, cols, layout } = this.#call;
    const { inner, offset } = layout;
    const { step, whole } = this.#shape;
    this.#stride = inner === 1 ? cols : inner;
    for (this.#row = 0; this.#row < rows; this.#row += this.#rows) {
      const some = Math.min(step, rows - this.#row);
      const pixel = (offset + this.#row) % inner;
      this.#at = (offset + this.#row - pixel) * cols + pixel;
      this.#rows = inner === 1 || whole ? some : Math.min(some, inner - pixel);
      this.#lines = inner === 1 ? some : whole ? (some / inner) * cols : cols;
      this.#length = inner === 1 ? cols : whole ? inner : this.#rows;
      this.#valuesIn();
      if (inner === 1) this.#runPlain();
      else if (this.#shape.across) this.#runAcross();
      else this.#runTurned();
      this.#valuesOut();
    }
  }

  /** Rows one after the other. */
  #runPlain(): void {
    for (const matrix of this.#inputs) {
      this.#read(matrix, false);
      this.#maskRows(matrix, this.#row, this.#rows, matrix.tile);
      this.#pointers[matrix.index] = matrix.pointer;
    }
    for (const matrix of this.#outputs) this.#pointers[matrix.index] = this.#place(matrix);
    this.#compute(this.#rows, 0);
    for (const matrix of this.#outputs) this.#write(matrix);
  }

  /** Rows side by side, as kernels take narrow ones. */
  #runAcross(): void {
    const { direct } = this.#shape;
    for (const matrix of this.#inputs) {
      this.#read(matrix, !direct);
      this.#maskLines(matrix);
      this.#pointers[matrix.index] = matrix.pointer;
    }
    const [{ stride }] = this.#inputs;
    for (const matrix of this.#outputs) {
      matrix.pointer = direct ? this.#own(matrix) : matrix.tile;
      matrix.stride = stride;
      this.#pointers[matrix.index] = matrix.pointer;
    }
    this.#area.lay(4 * stride, 0, 0);
    this.#area.run(this.#pointers, this.#rows, 0);
    for (const matrix of this.#outputs) this.#write(matrix);
  }

  /** Rows side by side, some of them turned at a time: to rows one after the other, and back. */
  #runTurned(): void {
    for (const matrix of this.#inputs) {
      this.#read(matrix, false);
      this.#maskLines(matrix);
    }
    for (const matrix of this.#outputs) this.#place(matrix);
    const { part } = this.#shape;
    for (let p = 0; p < this.#rows; p += part) {
      const n = Math.min(part, this.#rows - p);
      for (const matrix of this.#inputs) {
        this.#turn(matrix, p, n, false);
        this.#maskTurned(matrix, p, n);
        this.#pointers[matrix.index] = matrix.turned;
      }
      for (const matrix of this.#outputs) this.#pointers[matrix.index] = matrix.turned;
      this.#compute(n, p);
      for (const matrix of this.#outputs) this.#turn(matrix, p, n, true);
    }
    for (const matrix of this.#outputs) this.#write(matrix);
  }

  /** Rows [p, p + n) of the tile between its lines and where they are turned; of whole blocks one after the other. */
  #turn({ pointer, stride, turned }: Matrix, p: number, n: number, isBack: boolean): void {
    const { cols, layout } = this.#call;
    const { whole } = this.#shape;
    const length = whole ? layout.inner : n;
    for (let r = 0; r < n; r += length) {
      const lines = pointer + 4 * (whole ? ((p + r) / length) * cols * stride : p);
      const rows = turned + 4 * r * cols;
      if (isBack) this.#reader.turn(rows, 4 * cols, length, cols, lines, 4 * stride);
      else this.#reader.turn(lines, 4 * stride, cols, length, rows, 4 * cols);
    }
  }

  /** n rows, the matrices at their pointers; what has one element a row begins with that many of the tile. */
  #compute(n: number, before: number): void {
    const { operation, cols, layout } = this.#call;
    const pointers = this.#pointers;
    if (before > 0) for (const i of this.#ones) pointers[i] += 4 * before * this.#perRow(i);
    const empty = layout.emptyIsZero ? this.#emptyRows(n) : null;
    this.#area.lay(0, this.#spans, this.#ahead());
    this.#area.run(pointers, n, 0);
    if (before > 0) for (const i of this.#ones) pointers[i] -= 4 * before * this.#perRow(i);
    if (empty === null) return;
    for (const r of empty) {
      for (const { index } of this.#outputs) {
        const start = pointers[index] / 4 + r * cols;
        this.#views.floats.fill(operation.empty, start, start + cols);
      }
    }
  }

  /**
   * Bytes from the logits that kernels read to those of the next tile: what is copied next comes from memory while they compute.
   */
  #ahead(): number {
    const [{ array, isResident, size }] = this.#inputs;
    const { cols, rows, layout } = this.#call;
    const next = this.#row + this.#rows;
    if (!isResident || size !== 4 || layout.inner > 1 || next + this.#rows > rows) return 0;
    return byteOffsetOf(array) + 4 * next * cols - this.#pointers[0];
  }

  /** Which of n rows are nothing but -Infinity. */
  #emptyRows(n: number): number[] {
    const { cols } = this.#call;
    const spans = this.#spans;
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

  /** Where a matrix of this memory has the tile. */
  #own({ array, size }: Matrix): number {
    return byteOffsetOf(array) + size * this.#at;
  }

  /** Elements from a line to the next in a copy. */
  #pitch(): number {
    return this.#stride === this.#length ? this.#length : this.#shape.pitch;
  }

  /** Where the float32 lines of a result are made; returns the pointer. */
  #place(matrix: Matrix): number {
    const isThere = matrix.isResident && matrix.size === 4;
    matrix.pointer = isThere ? this.#own(matrix) : matrix.tile;
    matrix.stride = isThere ? this.#stride : this.#pitch();
    return matrix.pointer;
  }

  /** A matrix as float32 lines: where it lies if it can be used there, else as a copy. */
  #read(matrix: Matrix, isCopied: boolean): void {
    const { array, size, isResident, tile, raw } = matrix;
    if (size === 4 && isResident && !isCopied) {
      matrix.pointer = this.#own(matrix);
      matrix.stride = this.#stride;
      return;
    }
    matrix.pointer = tile;
    matrix.stride = this.#pitch();
    if (size === 4) {
      this.#copyIn(array, tile, matrix.stride, 4);
      return;
    }
    const half = isResident ? this.#own(matrix) : raw;
    const halfStride = isResident ? this.#stride : matrix.stride;
    if (!isResident) this.#copyIn(array, raw, halfStride, 2);
    const isOne = this.#isOne(halfStride, matrix.stride);
    const lines = isOne ? 1 : this.#lines;
    const n = isOne ? this.#lines * this.#length : this.#length;
    const kind = HALF_KINDS[this.#call.layout.half!];
    this.#reader.halvesIn(kind, half, 2 * halfStride, tile, 4 * matrix.stride, lines, n);
  }

  /** Brings a result's float32 lines to where it is wanted. */
  #write(matrix: Matrix): void {
    const { array, size, isResident, pointer, stride, raw } = matrix;
    const own = isResident ? this.#own(matrix) : 0;
    if (size === 4) {
      if (!isResident) this.#copyOut(array, this.#at, pointer, stride, 4);
      else if (own !== pointer) this.#copyOut(this.#views.floats, own / 4, pointer, stride, 4);
      return;
    }
    const half = isResident ? own : raw;
    const halfStride = isResident ? this.#stride : stride;
    const isOne = this.#isOne(halfStride, stride);
    const lines = isOne ? 1 : this.#lines;
    const n = isOne ? this.#lines * this.#length : this.#length;
    const kind = HALF_KINDS[this.#call.layout.half!];
    this.#reader.halvesOut(kind, pointer, 4 * stride, half, 2 * halfStride, lines, n);
    if (!isResident) this.#copyOut(array, this.#at, raw, halfStride, 2);
  }

  /** Whether the tile's lines follow one another at both strides: then they are one. */
  #isOne(a: number, b: number): boolean {
    return a === this.#length && b === this.#length;
  }

  /** Copies the lines of the tile between an array and memory. */
  #copyIn(array: OperandArray, pointer: number, stride: number, size: number): void {
    if (this.#isOne(stride, this.#stride)) {
      this.#views.bitsIn(array, this.#at, this.#lines * this.#length, pointer);
      return;
    }
    for (let k = 0; k < this.#lines; k++) {
      this.#views.bitsIn(array, this.#at + k * this.#stride, this.#length, pointer + k * stride * size);
    }
  }
  #copyOut(array: OperandArray, at: number, pointer: number, stride: number, size: number): void {
    if (this.#isOne(stride, this.#stride)) {
      this.#views.bitsOut(pointer, array, at, this.#lines * this.#length);
      return;
    }
    for (let k = 0; k < this.#lines; k++) {
      this.#views.bitsOut(pointer + k * stride * size, array, at + k * this.#stride, this.#length);
    }
  }

  /** A mask in the layout of matrices that lie side by side, on their lines. */
  #maskLines(matrix: Matrix): void {
    const mask = this.#mask;
    if (mask === null || Number.isNaN(matrix.absent) || isShared(this.#call, mask.index)) return;
    const pitch = this.#pitch();
    if (matrix.index === 0) {
      mask.pointer = mask.isResident ? this.#own(mask) : mask.raw;
      mask.stride = mask.isResident ? this.#stride : pitch;
      if (!mask.isResident) this.#copyIn(mask.array, mask.raw, pitch, 1);
    }
    const { pointer, stride, tile, absent } = matrix;
    const [lines, n] = [this.#lines, this.#length];
    this.#reader.maskBytes(mask.pointer, mask.stride, pointer, 4 * stride, tile, 4 * pitch, lines, n, absent);
    matrix.pointer = tile;
    matrix.stride = pitch;
  }

  /** Rows [p, p + n) of the tile where they are turned. */
  #maskTurned(matrix: Matrix, p: number, n: number): void {
    const { pointer, stride } = matrix;
    matrix.pointer = matrix.turned;
    matrix.stride = this.#call.cols;
    this.#maskRows(matrix, this.#row + p, n, matrix.turned);
    matrix.pointer = pointer;
    matrix.stride = stride;
  }

  /** What takes part of rows [row, row + n) of a matrix, which stand one after the other; `place`: where they may be changed. */
  #maskRows(matrix: Matrix, row: number, n: number, place: number): void {
    const { absent, index } = matrix;
    if (Number.isNaN(absent)) return;
    const { cols, layout } = this.#call;
    const { starts, ends } = this.#shape;
    const spans = index === 0 ? this.#shape.spans : 0;
    const mask = this.#mask;
    if (mask !== null && (layout.inner === 1 || isShared(this.#call, mask.index))) {
      this.#maskWith(mask, matrix, row, n, place);
      matrix.pointer = place;
    }
    if (starts + ends > 0) {
      if (index === 0) this.#stageLimits(row, n);
      const bytes = 4 * cols;
      this.#reader.maskSpans(starts, ends, spans, matrix.pointer, bytes, place, bytes, n, cols, absent);
      matrix.pointer = place;
    } else if (spans > 0) {
      const { ints } = this.#views;
      for (let k = spans / 4, end = k + 2 * n; k < end; k += 2) {
        ints[k] = 0;
        ints[k + 1] = cols;
      }
    }
    if (index > 0) return;
    this.#spans = spans;
    if (spans === 0 || (mask === null && !layout.emptyIsZero)) return;
    const isTrimmed = this.#reader.trimSpans(matrix.pointer, 4 * cols, n, spans) !== 0;
    if (!isTrimmed && starts + ends === 0) this.#spans = 0;
  }

  /** A mask's rows: each row's own, or those that repeat. */
  #maskWith(mask: Matrix, { pointer, absent }: Matrix, row: number, n: number, place: number): void {
    const { cols, layout } = this.#call;
    const period = layout.periods[MASK];
    const bytes = maskWidth(mask.array, cols) * mask.size;
    const step = 4 * cols;
    for (let done = 0, some = n; done < n; done += some) {
      const first = numberIn(layout, MASK, row + done);
      if (period > 1) some = Math.min(n - done, period - first);
      const from = this.#maskAt(mask, first, period === 1 ? 1 : some);
      const x = pointer + done * step;
      const y = place + done * step;
      if (mask.size === 4) this.#reader.maskBits(from, period === 1 ? 0 : bytes, x, step, y, step, some, cols, absent);
      else if (period === 1) this.#reader.maskBytes(from, 0, x, step, y, step, some, cols, absent);
      else this.#reader.maskBytes(from, 0, x, 0, y, 0, 1, some * cols, absent);
    }
  }

  /** The byte pointer of a mask's rows [row, row + n). */
  #maskAt({ array, size, isResident, raw }: Matrix, row: number, n: number): number {
    const width = maskWidth(array, this.#call.cols);
    if (isResident) return byteOffsetOf(array) + row * width * size;
    if (isStagedOnce(this.#call, array)) return raw + row * width * size;
    this.#views.bitsIn(array, row * width, n * width, raw);
    return raw;
  }

  #stageLimits(row: number, n: number): void {
    const { operation, layout } = this.#call;
    const { ints } = this.#views;
    for (let which = STARTS; which <= ENDS; which++) {
      const limits = this.#arrays[operation.count + which];
      if (!limits) continue;
      const to = (which === STARTS ? this.#shape.starts : this.#shape.ends) / 4;
      for (let r = 0; r < n; r++) ints[to + r] = limits[numberIn(layout, which, row + r)];
    }
  }

  /** What serves all rows. */
  #stageShared(): void {
    const { operation, cols } = this.#call;
    for (let i = 0; i < operation.count; i++) {
      const array = this.#arrays[i];
      if (array === null || operation.operands[i].width !== 'all') continue;
      const isThere = this.#residents.has(array);
      this.#pointers[i] = isThere ? byteOffsetOf(array) : this.#shape.ones[i];
      if (!isThere) this.#views.copyIn(array, false, 0, cols, this.#pointers[i]);
    }
    const mask = this.#mask;
    if (mask !== null && !mask.isResident && isStagedOnce(this.#call, mask.array)) {
      this.#views.bitsIn(mask.array, 0, lengthOf(mask.array), mask.raw);
    }
  }

  /** What has one element a row, or k, before the rows are computed, and after. */
  #valuesIn(): void {
    const { operands } = this.#call.operation;
    for (const i of this.#ones) {
      const array = this.#arrays[i]!;
      const isThere = elementBytes(array) === 4 && this.#residents.has(array);
      this.#pointers[i] = isThere ? byteOffsetOf(array) + 4 * this.#row * this.#perRow(i) : this.#shape.ones[i];
      if (isThere || operands[i].output) continue;
      const step = this.#perRow(i);
      const isInt = operands[i].type !== 'f32';
      this.#views.copyIn(array, isInt, this.#row * step, this.#rows * step, this.#pointers[i]);
    }
  }
  #valuesOut(): void {
    const { operands } = this.#call.operation;
    for (const i of this.#ones) {
      if (!operands[i].output || this.#pointers[i] !== this.#shape.ones[i]) continue;
      const step = this.#perRow(i);
      const isInt = operands[i].type !== 'f32';
      this.#views.copyOut(this.#pointers[i], this.#arrays[i]!, isInt, this.#row * step, this.#rows * step);
    }
  }

  /** Elements a row of what is no matrix. */
  #perRow(i: number): number {
    const { operation, k } = this.#call;
    return operation.operands[i].width === 'k' ? k : 1;
  }
}
