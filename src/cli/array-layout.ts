import { FileError } from './errors.js';
import { elementCount, hasOneOrder } from './shape.js';

/** How the rows of an array lie in a file: its shape, the axis that a row goes along, and whether it is in Fortran order. */
export interface ArrayLayout {
  readonly shape: readonly number[];
  readonly axis: number;
  readonly fortran: boolean;
}

/** The lengths before, along and after the axis of the rows, the first being that of the slowest axis of the file. */
interface FileOrder {
  readonly outer: readonly number[];
  readonly cols: number;
  readonly inner: readonly number[];
}

export function fileOrderOf({ shape, axis, fortran }: ArrayLayout): FileOrder {
  // An array in Fortran order is, to who reads on, one of the reversed shape.
  const lengths = inFileOrder(shape, fortran);
  const at = fortran ? shape.length - 1 - axis : axis;
  return { outer: lengths.slice(0, at), cols: lengths[at]!, inner: lengths.slice(at + 1) };
}

/** One number a row: the shape without the axis. */
export function rowShapeOf({ shape, axis }: ArrayLayout): readonly number[] {
  return shape.filter((_, i) => i !== axis);
}

/** The shape with another length of the axis: 1 where one number a row has kept it. */
export function withCols({ shape, axis }: ArrayLayout, cols: number): readonly number[] {
  return shape.map((length, i) => (i === axis ? cols : length));
}

/**
 * How many elements an array has that NumPy would broadcast to `whole`, if it repeats as a whole along the slowest axes of
 * the file; null where it does not.
 */
export function periodIn(whole: readonly number[], shape: readonly number[], fortran: boolean): number | null {
  if (shape.length > whole.length) return null;
  const lengths = inFileOrder([...whole.slice(shape.length).map(() => 1), ...shape], fortran);
  const first = lengths.findIndex((length) => length !== 1);
  const own = first < 0 ? [] : lengths.slice(first);
  const expected = inFileOrder(whole, fortran).slice(whole.length - own.length);
  return own.every((length, i) => length === expected[i]) ? elementCount(own) : null;
}

/** What is read beside an array must come in its order. */
export function checkOrder(
  { name, shape, fortran }: { name: string; shape: readonly number[]; fortran: boolean },
  logits: ArrayLayout,
): void {
  if (fortran === logits.fortran || hasOneOrder(shape)) return;
  const [want, got, rewrite] = logits.fortran
    ? ['Fortran', 'C', 'asfortranarray']
    : ['C', 'Fortran', 'ascontiguousarray'];
  throw new FileError(
    name,
    `expected ${want} order, as the logits have it, got ${got} order (rewrite it with numpy.${rewrite})`,
  );
}

function inFileOrder(lengths: readonly number[], fortran: boolean): readonly number[] {
  return fortran ? [...lengths].reverse() : lengths;
}
