import { failRange, failType, show } from '../check.js';
import type { IntegerArray } from '../types.js';

function isIds(value: unknown): value is IntegerArray {
  return ArrayBuffer.isView(value) && /^(Big)?(Int|Uint)\d+(Clamped)?Array$/.test(show(value));
}

/** An array of ids for all rows, or an array of those, one a row. */
export function integersOf(
  op: string,
  name: string,
  value: unknown,
  rows: number,
): IntegerArray | readonly IntegerArray[] {
  if (isIds(value)) return value;
  if (!Array.isArray(value)) failType(op, name, 'an integer typed array, or an array of those', show(value));
  const list = value as readonly unknown[];
  if (list.length !== rows) failRange(op, `${name}.length`, `rows = ${rows}`, String(list.length));
  list.forEach((ids, r) => {
    if (!isIds(ids)) failType(op, `${name}[${r}]`, 'an integer typed array', show(ids));
  });
  return list as readonly IntegerArray[];
}

/** Those of a row; none where none are given. */
export function idsOf(ids: IntegerArray | readonly IntegerArray[] | null, row: number): IntegerArray | null {
  return Array.isArray(ids) ? (ids as readonly IntegerArray[])[row]! : (ids as IntegerArray | null);
}

/** Each id in [0, cols); the error names the first that is not. */
export function checkIds(
  op: string,
  name: string,
  ids: IntegerArray | readonly IntegerArray[] | null,
  cols: number,
): void {
  if (ids === null) return;
  if (Array.isArray(ids)) {
    (ids as readonly IntegerArray[]).forEach((one, r) => checkIds(op, `${name}[${r}]`, one, cols));
    return;
  }
  const list = ids as IntegerArray;
  for (let i = 0; i < list.length; i++) {
    const id = Number(list[i]);
    if (!(id >= 0 && id < cols)) failRange(op, `${name}[${i}]`, `in [0, ${cols})`, String(list[i]));
  }
}
