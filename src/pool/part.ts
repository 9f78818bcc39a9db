import type { OperandArray } from '../operand.js';
import type { Call } from '../operation.js';
import { isShared, PLAIN, widthOf } from '../rows.js';
import { partOfView } from '../view.js';

/** Parts of a call, for threads: rows of it, of rows that lie side by side whole blocks, or a part of one. */

/** Rows [from, to). */
export function partOfCall(call: Call, from: number, to: number): Call {
  const operands = call.operands.map((array, i) => (array === null ? null : partOf(call, array, i, from, to)));
  const part = call.over(operands, to - from);
  const { layout } = call;
  if (layout !== PLAIN) part.layout = { ...layout, offset: from % layout.inner, first: layout.first + from };
  return part;
}

/** What of an operand rows [from, to) need: whole blocks of a matrix whose rows lie side by side. */
function partOf(call: Call, array: OperandArray, index: number, from: number, to: number): OperandArray {
  if (isShared(call, index)) return array;
  const { inner } = call.layout;
  const width = widthOf(call, index);
  const { width: kind } = call.operation.operands[index];
  if (inner === 1 || kind === 'one' || kind === 'k') return partOfView(array, from * width, to * width);
  return partOfView(array, (from - (from % inner)) * width, Math.ceil(to / inner) * inner * width);
}

/** The row before which a part ends that begins at row `from`, has about so many, and can be cut out of the whole call. */
export function cutAfter({ rows, layout }: Call, from: number, wanted: number): number {
  const { inner } = layout;
  if (inner === 1) return Math.min(from + wanted, rows);
  const inBlock = from % inner;
  if (inBlock > 0 || wanted < inner) return Math.min(from + wanted, from - inBlock + inner);
  return Math.min(from + wanted - (wanted % inner), rows);
}
