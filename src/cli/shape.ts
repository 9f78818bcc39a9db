/** How many elements an array of this shape has. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, length) => count * length, 1);
}

/** A shape as Python writes it: `()`, `(3,)`, `(3, 4)`. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

/** Where the element with this number in the order of a file lies: `[1, 2]`. */
export function formatElement(element: number, shape: readonly number[], fortran = false): string {
  const index: number[] = [];
  for (const length of fortran ? shape : [...shape].reverse()) {
    index.push(element % length);
    element = Math.floor(element / length);
  }
  return `[${(fortran ? index : index.reverse()).join(', ')}]`;
}

/** Whether C order and Fortran order are the same, as at most one axis is longer than 1. */
export function hasOneOrder(shape: readonly number[]): boolean {
  return shape.includes(0) || shape.filter((length) => length > 1).length < 2;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return formatShape(a) === formatShape(b);
}
