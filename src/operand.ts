/** What an operation reads and writes, one by one. */

/** Any array that may be given but those whose elements JavaScript may not know as numbers: of these it is their bits. */
export type OperandArray =
  Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array | Uint8ClampedArray;

/** How an operand goes with the rows: `cols` elements a row, one a row, `cols` for all, cols × cols, or the call's k a row. */
export type Width = 'row' | 'one' | 'all' | 'square' | 'mask' | 'k';

/**
 * What its elements are: float32; float32 or the half floats that the call's layout names; int32; class indices, integers of
 * any size, which kernels take as int32; or what takes part, a byte an element or packed bits.
 */
export type ElementType = 'f32' | 'half' | 'i32' | 'label' | 'mask';

/** An array that an operation reads or writes; the kernel has the operands' pointers in this order. */
export interface Operand {
  /** As the errors call it. One argument may stand for several operands, of which its element type picks one. */
  readonly name: string;
  readonly width: Width;
  readonly type: ElementType;
  readonly output: boolean;
  /** For an output: the operand that it may be exactly, every row being read before it is written; else -1. */
  readonly over: number;
  /** What the kernel is to see of an input where a column takes no part; NaN: what stands there. */
  readonly absent: number;
}

/** An input. */
export function input(name: string, width: Width, type: ElementType = 'f32', absent = NaN): Operand {
  return { name, width, type, output: false, over: -1, absent };
}

/** An output, which may be exactly the operand `over`. */
export function output(name: string, width: Width, over = -1, type: ElementType = 'f32'): Operand {
  return { name, width, type, output: true, over, absent: NaN };
}

/** Logits, and what an operation makes of each of them; half floats, too. */
export function logitsInput(): Operand {
  return input('logits', 'row', 'half', -Infinity);
}
export function logitsOutput(): Operand {
  return output('out', 'row', 0, 'half');
}

/** Elements of an operand in so many rows. */
export function elements(width: Width, rows: number, cols: number, k: number): number {
  if (width === 'row') return rows * cols;
  if (width === 'one') return rows;
  if (width === 'k') return rows * k;
  return width === 'all' ? cols : rows * cols * cols;
}

/** The input whose place an output takes where both are copied, -1 for none. */
export function sharesWith(operands: readonly Operand[], index: number): number {
  const { over, width } = operands[index];
  return over >= 0 && operands[over].width === width ? over : -1;
}
