import { CommandError, FileError } from './errors.js';
import { elementCount, formatElement, formatShape, type Format, type Reader, type Writer } from './format.js';

/** A whole file in memory. */
export interface Loaded<A extends Float32Array | Int32Array = Float32Array> {
  readonly path: string;
  readonly shape: readonly number[];
  readonly values: A;
}

/** Logits: the last axis is the classes, the axes before it are the rows. */
export interface Logits extends Loaded {
  readonly cols: number;
  /** The shape without its last axis. */
  readonly rowShape: readonly number[];
}

export async function loadLogits(format: Format, path: string): Promise<Logits> {
  const { shape, values } = await withReader(format, path, (reader) => {
    const cols = reader.shape.at(-1);
    if (cols === undefined) throw new FileError(path, 'expected at least one axis (the classes), got shape ()');
    if (cols === 0) throw new FileError(path, `expected at least one class, got shape ${formatShape(reader.shape)}`);
    return readAllFloats(reader);
  });
  return { path, shape, values, cols: shape.at(-1)!, rowShape: shape.slice(0, -1) };
}

/** Class indices in the shape of the rows, or probabilities in the shape of the logits. */
export function loadTargets(format: Format, path: string, logits: Logits): Promise<Loaded<Float32Array | Int32Array>> {
  return withReader(format, path, async (reader) => {
    const isLabels = reader.type === 'integer';
    const expected = formatShape(isLabels ? logits.rowShape : logits.shape);
    if (formatShape(reader.shape) !== expected) {
      const what = isLabels ? 'class indices' : 'probabilities';
      const got = formatShape(reader.shape);
      throw new FileError(path, `expected ${what} of shape ${expected} for these logits, got ${got}`);
    }
    if (!isLabels) return readAllFloats(reader);
    const values = allocate(Int32Array, reader);
    await reader.readInt32(values);
    return { path, shape: reader.shape, values };
  });
}

export function loadClassWeights(format: Format, path: string, cols: number): Promise<Loaded> {
  return withReader(format, path, (reader) => {
    if (formatShape(reader.shape) !== formatShape([cols])) {
      const got = formatShape(reader.shape);
      throw new FileError(path, `expected class weights of shape ${formatShape([cols])}, got ${got}`);
    }
    return readAllFloats(reader);
  });
}

/** Writes every array, and gives the files their names only after all are complete. */
export async function saveAll(
  format: Format,
  outputs: readonly { path: string; shape: readonly number[]; values: Float32Array }[],
): Promise<void> {
  const writers: Writer[] = [];
  try {
    for (const { path, shape, values } of outputs) {
      const writer = await format.create(path, shape);
      writers.push(writer);
      await writer.write(values);
    }
    for (const writer of writers) await writer.commit();
  } catch (error) {
    for (const writer of writers) await writer.discard();
    throw error;
  }
}

async function withReader<T>(format: Format, path: string, read: (reader: Reader) => Promise<T>): Promise<T> {
  const reader = await format.open(path);
  try {
    const result = await read(reader);
    await reader.end();
    return result;
  } finally {
    await reader.close();
  }
}

async function readAllFloats(reader: Reader): Promise<Loaded> {
  if (reader.type !== 'float') throw new FileError(reader.path, 'expected floats (f2, f4 or f8), got integers');
  const values = allocate(Float32Array, reader);
  await reader.readFloats(values);
  return { path: reader.path, shape: reader.shape, values };
}

function allocate<A>(type: new (length: number) => A, { path, shape }: Reader): A {
  const count = elementCount(shape);
  try {
    return new type(count);
  } catch {
    throw new FileError(path, `not enough memory for ${count} elements (${count * 4} bytes)`, 1);
  }
}

/** Files by the argument of the library that they are given as. */
type FilesByArgument = Readonly<Record<string, Loaded<Float32Array | Int32Array> | undefined>>;

/** Runs `compute`; what the library says of an argument is said of the file or flag that it came from. */
export function translateErrors<T>(op: string, files: FilesByArgument, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const found = /^\w+: (expected (\w+)(?:\[(\d+)\])?(.*))$/s.exec(message);
    if (!(error instanceof RangeError || error instanceof TypeError) || found === null) throw error;
    const [, problem, argument = '', element, rest] = found;
    const file = files[argument];
    if (file === undefined) {
      const flag = argument.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      throw new CommandError(`${op}: expected --${flag}${rest}`);
    }
    if (element === undefined) throw new FileError(file.path, problem!);
    throw new FileError(file.path, `expected element ${formatElement(Number(element), file.shape)}${rest}`);
  }
}
