import { elements, type OperandArray, sharesWith } from '../operand.js';
import type { Call } from '../operation.js';
import { isShared, MASK, widthOf } from '../rows.js';
import { elementBytes } from '../view.js';

/** Elements of a tile of rows one after the other, or of what is turned at a time: with 32 KiB they stay in the first cache. */
const TILE = 8192;
/** Most elements of a tile of rows that lie side by side: it stays in the second cache. */
const BLOCK = 131072;
/** Most rows of one, and of what is copied as a whole once a call. */
const MOST_ACROSS = 1024;
const MOST_SHARED_BYTES = 65536;
/** A line begins this many elements after the end of the one before: lines 4 KiB apart would take each other's cache. */
const GAP = 16;
/** A cache line. */
const ALIGNMENT = 64;
/** Wider rows may have spans (assembly/state.ts: NARROW). */
const NARROW = 63;

/** How a call of rows as they are is computed: a tile's rows, and where its copies lie: byte pointers by operand, 0 for none. */
export interface Shape {
  /** Rows of a tile; whether they are whole blocks; how many are turned at a time. */
  step: number;
  whole: boolean;
  part: number;
  /** Elements from a line to the next in copies of rows that lie side by side, where those do not fill their block. */
  pitch: number;
  /** Whether the kernel takes them side by side, and whether where the matrices lie. */
  across: boolean;
  direct: boolean;
  /** Float32 matrices; half floats; matrices turned; what has one element a row, or is for all. */
  tiles: number[];
  raws: number[];
  turned: number[];
  ones: number[];
  /** Where kernels find which columns of wide rows take part. */
  spans: number;
  mask: number;
  starts: number;
  ends: number;
  /** The byte behind the last copy. */
  end: number;
}

/** The largest that ends before `limit`, null where none does. */
export function shapeOf(
  call: Call,
  arrays: readonly (OperandArray | null)[],
  isResident: readonly boolean[],
  base: number,
  limit: number,
): Shape | null {
  const { rows, cols, layout } = call;
  const { inner, offset } = layout;
  const isWhole = inner > 1 && offset === 0 && rows % inner === 0 && cols * inner <= BLOCK;
  let step = Math.max(1, Math.floor(TILE / cols));
  if (isWhole) step = inner * Math.max(1, Math.floor(TILE / (cols * inner)));
  else if (inner > 1) step = Math.min(MOST_ACROSS, inner, 4 * Math.ceil(BLOCK / cols / 4));
  for (let whole = isWhole; ; whole = false) {
    const shape = placed(call, arrays, isResident, base, Math.min(step, rows), whole);
    if (shape.end <= limit) return shape;
    if (step === 1) return null;
    step = whole ? Math.min(MOST_ACROSS, inner) : Math.ceil(step / 2);
  }
}

function placed(
  call: Call,
  arrays: readonly (OperandArray | null)[],
  isResident: readonly boolean[],
  base: number,
  step: number,
  whole: boolean,
): Shape {
  const { operation, cols, layout } = call;
  const { count, operands } = operation;
  const [starts, ends, mask] = arrays.slice(count);
  const { inner } = layout;
  const some = (array: OperandArray | null | undefined) => array !== null && array !== undefined;
  const limits = some(starts) || some(ends);
  // What does not stand in the layout of the matrices is applied to rows one after the other.
  const byRow = limits || layout.emptyIsZero || (some(mask) && isShared(call, count + MASK));
  // Kernels take rows of one block.
  const across = operation.across && inner > 1 && cols <= NARROW && !call.whole && !(whole && step > inner) && !byRow;
  const matrices = arrays.slice(0, count).flatMap((array, i) => (array && operands[i].width === 'row' ? [i] : []));
  const isFloat = (i: number) => elementBytes(arrays[i]!) === 4;
  const none = () => operands.map(() => 0);
  const shape: Shape = {
    ...{ step, whole, across, pitch: step + GAP, part: whole ? step : Math.max(4, Math.floor(TILE / cols) & ~3) },
    direct: across && !some(mask) && matrices.every((i) => isResident[i] && isFloat(i)),
    ...{ tiles: none(), raws: none(), turned: none(), ones: none(), spans: 0, mask: 0, starts: 0, ends: 0, end: base },
  };
  const place = (bytes: number) => {
    const at = shape.end;
    shape.end += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return at;
  };
  const lines = inner === 1 || whole ? step * cols : cols * (step + GAP);
  for (const i of matrices) {
    const shared = sharesWith(operands, i);
    const input = shared >= 0 ? shared : i;
    shape.tiles[i] = shape.tiles[input] || place(4 * lines);
    if (!isFloat(i) && !isResident[i]) shape.raws[i] = shape.raws[input] || place(2 * lines);
    if (inner > 1 && !across) shape.turned[i] = shape.turned[input] || place(4 * Math.min(shape.part, step) * cols);
  }
  arrays.slice(0, count).forEach((array, i) => {
    const { width } = operands[i];
    if (array === null || width === 'row') return;
    if (width !== 'mask') shape.ones[i] = place(4 * elements(width, step, cols, call.k));
  });
  if (operation.spans && cols > NARROW && !call.whole && (byRow || some(mask))) shape.spans = place(8 * step);
  if (some(starts)) shape.starts = place(4 * step);
  if (some(ends)) shape.ends = place(4 * step);
  if (some(mask)) {
    const period = layout.periods[MASK] * widthOf(call, count + MASK) * elementBytes(mask!);
    const one = widthOf(call, count + MASK) * elementBytes(mask!);
    shape.mask = place(period > 0 && period <= MOST_SHARED_BYTES ? period : Math.max(lines, step * one));
  }
  return shape;
}

/** Whether a mask for all rows is copied once. */
export function isStagedOnce(call: Call, mask: OperandArray): boolean {
  const { operation, layout } = call;
  const bytes = layout.periods[MASK] * widthOf(call, operation.count + MASK) * elementBytes(mask);
  return bytes > 0 && bytes <= MOST_SHARED_BYTES;
}
