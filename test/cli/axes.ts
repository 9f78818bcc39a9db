// Arrays of any axes, element by element.

/** As a header has it: `(3,)`, `(3, 4)`. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
}

/** Numbers in C order as a file in Fortran order has them: those of the reversed axes in C order. */
export function inFileOrder(values: readonly number[], shape: readonly number[]): number[] {
  const from = stridesOf(shape);
  const to = stridesOf([...shape].reverse()).reverse();
  const out = new Array<number>(values.length);
  values.forEach((value, i) => {
    out[shape.reduce((at, length, axis) => at + (Math.floor(i / from[axis]!) % length) * to[axis]!, 0)] = value;
  });
  return out;
}

/** For each element in C order, where it lies once its axis is the last. */
function placesAlong(shape: readonly number[], axis: number): number[] {
  const count = shape.reduce((product, length) => product * length, 1);
  const inner = stridesOf(shape)[axis]!;
  const cols = shape[axis]!;
  return Array.from({ length: count }, (_, i) => {
    const [outer, col, rest] = [Math.floor(i / (inner * cols)), Math.floor(i / inner) % cols, i % inner];
    return (outer * inner + rest) * cols + col;
  });
}

/** The rows along an axis, written out. */
export function rowsAlong(values: readonly number[], shape: readonly number[], axis: number): Float32Array {
  const out = new Float32Array(values.length);
  placesAlong(shape, axis).forEach((place, i) => (out[place] = values[i]!));
  return out;
}

/** Rows that were written out, in their own place again. */
export function movedBack(rows: Float32Array, shape: readonly number[], axis: number): number[] {
  return placesAlong(shape, axis).map((place) => rows[place]!);
}
