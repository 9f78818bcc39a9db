import { HOST_IS_LITTLE } from './element-types.js';
import { FileError } from './errors.js';
import { formatShape, hasOneOrder } from './shape.js';

// The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
export const MAGIC = '\x93NUMPY';
const ALIGNMENT = 64;
/** NumPy has no arrays of more. */
const MOST_AXES = 64;

/** What a .npy header says. */
export interface NpyHeader {
  /** As the file writes it, such as `<f4`. */
  readonly descr: string;
  /** Floats, integers with and without a sign, bools, and bytes of no type: what NumPy makes of a bfloat16. */
  readonly kind: 'f' | 'i' | 'u' | 'b' | 'V';
  readonly itemBytes: 1 | 2 | 4 | 8;
  readonly littleEndian: boolean;
  /** Whether the first axis is the one whose neighbours lie side by side; false where that makes no difference. */
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

/** Reads the first bytes: the length of the header's length field, 2 (version 1.0) or 4 (2.0 and 3.0). */
export function headerLengthBytes(start: Uint8Array, path: string): 2 | 4 {
  const magic = String.fromCharCode(...start.subarray(0, MAGIC.length));
  if (magic !== MAGIC) {
    const got = start.length === 0 ? 'an empty file' : JSON.stringify(magic);
    throw new FileError(path, `expected a .npy file, which begins with "\\x93NUMPY", got ${got}`);
  }
  if (start.length < 8)
    throw new FileError(path, `expected a .npy header, but the file ends after ${start.length} bytes`);
  const [major, minor] = [start[6]!, start[7]!];
  if (major < 1 || major > 3 || minor !== 0) {
    throw new FileError(path, `expected .npy version 1.0, 2.0 or 3.0, got ${major}.${minor}`);
  }
  return major === 1 ? 2 : 4;
}

/** Reads the header's text, a Python dictionary with the keys descr, fortran_order and shape, each once. */
export function parseHeader(text: string, path: string): NpyHeader {
  const cursor = new Cursor(text, path);
  let descr: string | undefined;
  let fortranOrder: boolean | undefined;
  let shape: number[] | undefined;
  cursor.expect('{');
  while (!cursor.take('}')) {
    const key = cursor.string();
    cursor.expect(':');
    if (key === 'descr' && descr === undefined) descr = cursor.descr();
    else if (key === 'fortran_order' && fortranOrder === undefined) fortranOrder = cursor.boolean();
    else if (key === 'shape' && shape === undefined) shape = cursor.shape();
    else cursor.fail(`the keys descr, fortran_order and shape, each once, got ${JSON.stringify(key)}`);
    if (!cursor.take(',')) {
      cursor.expect('}');
      break;
    }
  }
  cursor.end();
  if (descr === undefined) return cursor.fail('a key descr');
  if (fortranOrder === undefined) return cursor.fail('a key fortran_order');
  if (shape === undefined) return cursor.fail('a key shape');
  return { descr, ...parseType(descr, path), fortran: fortranOrder && !hasOneOrder(shape), shape };
}

/** How many bytes an element of each kind may have. */
const TYPES: Readonly<Record<string, string>> = { f: '248', i: '1248', u: '1248', b: '1', V: '2' };

function parseType(descr: string, path: string): Pick<NpyHeader, 'kind' | 'itemBytes' | 'littleEndian'> {
  const match = /^([<>=|]?)([fiubV])([1248])$/.exec(descr);
  const [, order = '', kind = '', itemBytes = ''] = match ?? [];
  if (!TYPES[kind]?.includes(itemBytes) || (order === '|' && itemBytes !== '1' && kind !== 'V')) {
    const rule = 'expected type f2, f4, f8, i1 to i8, u1 to u8, b1 (bool) or V2 (bfloat16)';
    throw new FileError(path, `${rule}, got ${JSON.stringify(descr)}`);
  }
  return {
    kind: kind as NpyHeader['kind'],
    itemBytes: Number(itemBytes) as NpyHeader['itemBytes'],
    // `=f4` and `f4` are of the machine that reads them.
    littleEndian: order === '<' || (order !== '>' && HOST_IS_LITTLE),
  };
}

/** A version 1.0 file up to its data, which begin at a multiple of 64 bytes. */
export function buildHeader(descr: string, shape: readonly number[], fortran: boolean): Uint8Array {
  const order = fortran && !hasOneOrder(shape) ? 'True' : 'False';
  const dictionary = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${formatShape(shape)}, }`;
  const beforeText = MAGIC.length + 4;
  const total = Math.ceil((beforeText + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  const textBytes = total - beforeText;
  const lengthField = String.fromCharCode(textBytes & 255, textBytes >> 8);
  return Buffer.from(`${MAGIC}\x01\x00${lengthField}${dictionary.padEnd(textBytes - 1)}\n`, 'latin1');
}

/** Walks over the few Python literals that a header is made of, over each character once. */
class Cursor {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly path: string,
  ) {}

  fail(expected: string): never {
    throw new FileError(this.path, `bad .npy header: expected ${expected}, in ${JSON.stringify(shorten(this.text))}`);
  }

  /** Takes what the pattern (sticky, so that it matches here or not at all) finds behind blanks. */
  private match(pattern: RegExp): RegExpExecArray | null {
    this.skipBlanks();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at = pattern.lastIndex;
    return found;
  }

  private skipBlanks(): void {
    while (BLANKS.has(this.text[this.at]!)) this.at++;
  }

  take(character: string): boolean {
    this.skipBlanks();
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  expect(character: string): void {
    if (!this.take(character)) this.fail(`"${character}" at character ${this.at}`);
  }

  string(): string {
    const found = this.match(/'([^'\\]*)'|"([^"\\]*)"/y);
    return found?.[1] ?? found?.[2] ?? this.fail(`a string at character ${this.at}`);
  }

  boolean(): boolean {
    const found = this.match(/(True|False)\b/y);
    return found === null ? this.fail('fortran_order to be True or False') : found[1] === 'True';
  }

  descr(): string {
    if (this.take('[')) this.fail('one type for all elements, got a structured type');
    return this.string();
  }

  /** A tuple of lengths. Python 2 wrote them as `3L`; 03 is no number to Python 3, but 00 is. */
  shape(): number[] {
    const lengths: number[] = [];
    let isTuple = true;
    if (!this.take('(')) this.fail('shape to be a tuple of lengths');
    while (!this.take(')')) {
      if (!isTuple) this.fail('shape to be a tuple of lengths');
      lengths.push(this.length());
      if (lengths.length > MOST_AXES) this.fail(`at most ${MOST_AXES} axes`);
      isTuple = this.take(',');
    }
    if (lengths.length === 1 && !isTuple) this.fail('shape to be a tuple of lengths, got a number');
    return lengths;
  }

  private length(): number {
    const digits = this.match(/(0+|[1-9]\d*)L?/y)?.[1] ?? this.fail('shape to be a tuple of lengths');
    const length = Number(digits);
    return Number.isSafeInteger(length) ? length : this.fail(`lengths below 2^53, got ${shorten(digits)}`);
  }

  end(): void {
    this.skipBlanks();
    if (this.at !== this.text.length) this.fail(`nothing after the dictionary, at character ${this.at}`);
  }
}

/** Python's, between tokens. */
const BLANKS = new Set([' ', '\t', '\n', '\r', '\f']);

function shorten(text: string): string {
  const trimmed = text.trimEnd();
  return trimmed.length <= 120 ? trimmed : `${trimmed.slice(0, 120)}…`;
}
