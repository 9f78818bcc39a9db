/** One file of numbers, read from its first element to its last in as many calls as the caller likes. */
export interface Reader {
  readonly path: string;
  readonly shape: readonly number[];
  /** What the elements are: only these may be asked for. */
  readonly type: 'float' | 'integer';
  /** Fills `into` with the next elements, converted to f32. Throws a FileError where the data end too early. */
  readFloats(into: Float32Array): Promise<void>;
  /** Fills `into` with the next elements. Throws a FileError that names the first one outside int32. */
  readInt32(into: Int32Array): Promise<void>;
  /** To be called after the last element: throws a FileError when more bytes follow. */
  end(): Promise<void>;
  close(): Promise<void>;
}

/** One file of f32, written in order. Nothing stands under its name before `commit`. */
export interface Writer {
  write(values: Float32Array): Promise<void>;
  /** Gives the file its name; to be called after the last element. */
  commit(): Promise<void>;
  /** Removes what was written; does nothing after `commit`. */
  discard(): Promise<void>;
}

/** A way to store numbers with their shape. */
export interface Format {
  open(path: string): Promise<Reader>;
  create(path: string, shape: readonly number[]): Promise<Writer>;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, length) => count * length, 1);
}

/** A shape as Python writes it: `()`, `(3,)`, `(3, 4)`. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
}

/** Where the element with this number in row-major order lies: `[1, 2]`. */
export function formatElement(element: number, shape: readonly number[]): string {
  const index: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis]!;
    index.unshift(element % length);
    element = Math.floor(element / length);
  }
  return `[${index.join(', ')}]`;
}
