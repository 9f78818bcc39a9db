import { freshFloats } from '../check.js';
import { type OperandArray, sharesWith } from '../operand.js';
import { type Call, plus } from '../operation.js';
import { bitsOf, ENDS, MASK, maskWidth, numberIn, PLAIN, STARTS } from '../rows.js';
import { halfToNumber, numberToHalf } from './half.js';
import { elementBytes, partOfView } from '../view.js';

/** Elements of the rows that are copied at a time. */
const TILE = 8192;

/**
 * Computes a call of rows as they are by calls of plain ones: some rows at a time are written out as float32, with -Infinity
 * where a column takes no part. The scalar tier's reader, and that of the others where they have none (src/wasm/row-tiles.ts).
 */
export function computeWrittenOut(call: Call, compute: (plain: Call) => void): void {
  const { operation, rows, cols, summed, total } = call;
  if (summed >= 0) call.operands[summed] ??= freshFloats(operation.name, rows);
  const rowsOfTile = new WrittenOut(call);
  const step = Math.max(1, Math.floor(TILE / cols));
  for (let row = 0; row < rows; row += step) rowsOfTile.compute(row, Math.min(step, rows - row), compute);
  if (summed >= 0) call.total = plus(total, call.operands[summed]!);
}

class WrittenOut {
  readonly #call: Call;
  readonly #arrays: (OperandArray | null)[];
  /** By operand: the matrices' copies, an output's that of the input that it may be. */
  readonly #copies: (Float32Array | null)[];

  constructor(call: Call) {
    const { operation, rows, cols } = call;
    this.#call = call;
    this.#arrays = call.operands.map((array) => array && bitsOf(array));
    const most = Math.min(rows, Math.max(1, Math.floor(TILE / cols))) * cols;
    const copies: (Float32Array | null)[] = [];
    for (let i = 0; i < operation.count; i++) {
      const isMatrix = call.operands[i] !== null && operation.operands[i].width === 'row';
      const shared = sharesWith(operation.operands, i);
      copies.push(isMatrix ? (shared >= 0 && copies[shared]) || freshFloats(operation.name, most) : null);
    }
    this.#copies = copies;
  }

  compute(row: number, n: number, compute: (plain: Call) => void): void {
    const { operation, cols, layout } = this.#call;
    const operands = operation.operands.map((_, i) => (i < operation.count ? this.#operand(i, row, n) : null));
    const plain = this.#call.over(operands, n);
    plain.layout = PLAIN;
    const empty = layout.emptyIsZero ? this.#emptyRows(n) : [];
    compute(plain);
    operation.operands.forEach(({ output }, i) => {
      const copy = output ? this.#copies[i] : null;
      if (copy === null || copy === undefined) return;
      for (const r of empty) copy.fill(operation.empty, r * cols, (r + 1) * cols);
      for (let r = 0; r < n; r++) this.#write(i, row + r, copy, r * cols);
    });
  }

  /** Of rows [row, row + n). */
  #operand(i: number, row: number, n: number): OperandArray | null {
    const { operation, cols, k } = this.#call;
    const array = this.#arrays[i];
    const { width, output } = operation.operands[i];
    const copy = this.#copies[i];
    if (array === null || width === 'all') return array;
    const step = width === 'k' ? k : 1;
    if (copy === null) return partOfView(array, row * step, (row + n) * step);
    if (!output) for (let r = 0; r < n; r++) this.#read(i, row + r, copy, r * cols);
    return copy.subarray(0, n * cols);
  }

  /** The index of a row's first element in a matrix. */
  #start(row: number): number {
    const { cols, layout } = this.#call;
    const at = layout.offset + row;
    const pixel = at % layout.inner;
    return (at - pixel) * cols + pixel;
  }

  #read(i: number, row: number, copy: Float32Array, to: number): void {
    const { operation, operands, cols, layout } = this.#call;
    const { inner, half } = layout;
    const array = this.#arrays[i]!;
    const { absent } = operation.operands[i];
    const mask = Number.isNaN(absent) ? null : operands[operation.count + MASK];
    const [from, end] = Number.isNaN(absent) ? [0, cols] : this.#limits(row);
    const isHalf = elementBytes(array) === 2;
    for (let c = 0, at = this.#start(row); c < cols; c++, at += inner) {
      const takesPart = c >= from && c < end && (!mask || this.#isOn(mask, row, c));
      if (!takesPart) copy[to + c] = absent;
      else copy[to + c] = isHalf ? halfToNumber(half!, array[at]) : array[at];
    }
  }

  #limits(row: number): [number, number] {
    const { operation, operands, cols, layout } = this.#call;
    const starts = operands[operation.count + STARTS];
    const ends = operands[operation.count + ENDS];
    return [starts ? starts[numberIn(layout, STARTS, row)] : 0, ends ? ends[numberIn(layout, ENDS, row)] : cols];
  }

  #isOn(mask: OperandArray, row: number, c: number): boolean {
    const { cols, layout } = this.#call;
    const { inner, periods } = layout;
    const width = maskWidth(mask, cols);
    if (elementBytes(mask) > 1) return ((mask[numberIn(layout, MASK, row) * width + (c >> 5)] >> (c & 31)) & 1) === 1;
    if (inner > 1 && periods[MASK] === 0) return mask[this.#start(row) + c * inner] !== 0;
    return mask[numberIn(layout, MASK, row) * width + c] !== 0;
  }

  #write(j: number, row: number, copy: Float32Array, from: number): void {
    const { cols, layout } = this.#call;
    const { inner, half } = layout;
    const array = this.#arrays[j]!;
    const isHalf = elementBytes(array) === 2;
    for (let c = 0, at = this.#start(row); c < cols; c++, at += inner) {
      array[at] = isHalf ? numberToHalf(half!, copy[from + c]) : copy[from + c];
    }
  }

  /** Which of n rows of the logits' copy are nothing but -Infinity. */
  #emptyRows(n: number): number[] {
    const { cols } = this.#call;
    const copy = this.#copies[0]!;
    const found: number[] = [];
    for (let r = 0; r < n; r++) {
      let c = 0;
      while (c < cols && copy[r * cols + c] === -Infinity) c++;
      if (c === cols) found.push(r);
    }
    return found;
  }
}
