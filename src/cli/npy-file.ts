import { bytesOf } from './block.js';
import { openArray } from './array-input.js';
import type { ByteInput } from './byte-input.js';
import { elementsOf, toHostOrder } from './element-types.js';
import { FileError } from './errors.js';
import { headerLengthBytes, parseHeader, type NpyHeader } from './npy-header.js';
import { elementCount, formatElement, formatShape } from './shape.js';

/** The header of an array of numbers takes about 100 bytes; what claims to be longer than this is none. */
const MAX_HEADER_BYTES = 65535;
/** Elements that need converting pass through a buffer of this many. */
const STAGED_ELEMENTS = 65536;

/** The numbers of a .npy, versions 1.0 to 3.0, from the first to the last in as many calls as the caller likes. */
export class NpyFile {
  private elementsRead = 0;
  private readonly staged: Uint8Array<ArrayBuffer>;

  private constructor(
    private readonly input: ByteInput,
    private readonly header: NpyHeader,
  ) {
    this.staged = new Uint8Array(Math.min(this.dataBytes, STAGED_ELEMENTS * header.itemBytes));
  }

  static async open(input: ByteInput): Promise<NpyFile> {
    const { header, headerBytes } = await readHeader(input);
    checkSize(input, header, headerBytes);
    return new NpyFile(input, header);
  }

  /** A file of its own: `close` closes it. */
  static async openPath(path: string): Promise<NpyFile> {
    const input = await openArray(path);
    try {
      return await NpyFile.open(input);
    } catch (error) {
      await input.close();
      throw error;
    }
  }

  get name(): string {
    return this.input.name;
  }

  get shape(): readonly number[] {
    return this.header.shape;
  }

  get elements(): number {
    return elementCount(this.shape);
  }

  /** What the elements are: only these may be asked for. Bools are integers, 0 and 1. */
  get type(): 'float' | 'integer' | 'bytes' {
    const { kind } = this.header;
    return kind === 'f' ? 'float' : kind === 'V' ? 'bytes' : 'integer';
  }

  /** As the header has it, without the order of bytes: `f4`. */
  get typeName(): string {
    return `${this.header.kind}${this.header.itemBytes}`;
  }

  /** Whether the elements come in Fortran order, where that is another one. */
  get fortran(): boolean {
    return this.header.fortran;
  }

  /** Whether it can be read twice. */
  get isFile(): boolean {
    return this.input.size !== null;
  }

  private get dataBytes(): number {
    return this.elements * this.header.itemBytes;
  }

  expectFloats(): void {
    if (this.type === 'float') return;
    const got = { integer: 'integers', bytes: this.typeName }[this.type];
    throw new FileError(this.name, `expected floats (f2, f4 or f8), got ${got}`);
  }

  /** An element as messages name it. */
  elementName(element: number): string {
    return formatElement(element, this.shape, this.fortran);
  }

  /** Fills `into`, an array of elements of this file's size, with the next ones as they are, in this machine's order of bytes. */
  readBits(into: Uint8Array | Uint16Array | Int32Array): Promise<void> {
    return this.fill(bytesOf(into));
  }

  /** Fills `into` with the next elements, converted to f32. Throws a FileError where the data end too early. */
  async readFloats(into: Float32Array): Promise<void> {
    if (this.header.kind === 'f' && this.header.itemBytes === 4) return this.fill(bytesOf(into));
    for (let at = 0; at < into.length; at += STAGED_ELEMENTS) {
      const part = into.subarray(at, at + STAGED_ELEMENTS);
      part.set((await this.stage(part.length)) as ArrayLike<number>);
    }
  }

  /** Fills `into` with the next elements. Throws a FileError that names the first one outside int32. */
  async readInt32(into: Int32Array): Promise<void> {
    for (let at = 0; at < into.length; at += STAGED_ELEMENTS) {
      const part = into.subarray(at, at + STAGED_ELEMENTS);
      const first = this.elementsRead;
      const elements = await this.stage(part.length);
      for (let i = 0; i < part.length; i++) {
        const value = elements[i]!;
        part[i] = Number(value);
        if (part[i] !== Number(value)) {
          throw new FileError(
            this.name,
            `expected element ${this.elementName(first + i)} to be an int32, got ${value}`,
          );
        }
      }
    }
  }

  async skip(elements: number): Promise<void> {
    const bytes = elements * this.header.itemBytes;
    const got = await this.input.skip(bytes);
    if (got < bytes) failTruncated(this.input, this.header, got);
    this.elementsRead += elements;
  }

  /** To be called after the last element: throws a FileError when more bytes follow. */
  async end(): Promise<void> {
    if (!this.isFile && (await this.input.read(new Uint8Array(1))) !== 0) failTrailing(this.input, this.header, 'more');
    await this.input.end?.();
  }

  close(): Promise<void> {
    return this.input.close();
  }

  private async stage(count: number) {
    const bytes = this.staged.subarray(0, count * this.header.itemBytes);
    await this.fill(bytes);
    return elementsOf(bytes, this.header);
  }

  private async fill(bytes: Uint8Array): Promise<void> {
    const before = this.elementsRead * this.header.itemBytes;
    const got = await this.input.read(bytes);
    if (got < bytes.length) failTruncated(this.input, this.header, before + got);
    toHostOrder(bytes, this.header);
    this.elementsRead += bytes.length / this.header.itemBytes;
  }
}

async function readHeader(input: ByteInput): Promise<{ header: NpyHeader; headerBytes: number }> {
  const { name } = input;
  const start = new Uint8Array(8);
  const lengthBytes = headerLengthBytes(start.subarray(0, await input.read(start)), name);
  const lengthField = new Uint8Array(4);
  const gotLength = await input.read(lengthField.subarray(0, lengthBytes));
  if (gotLength < lengthBytes) throw new FileError(name, 'expected a .npy header, but the file ends in its length');
  const textBytes = new DataView(lengthField.buffer).getUint32(0, true);
  if (textBytes > MAX_HEADER_BYTES) {
    throw new FileError(name, `expected a .npy header of at most ${MAX_HEADER_BYTES} bytes, got ${textBytes}`);
  }
  const text = Buffer.alloc(textBytes);
  const got = await input.read(text);
  if (got < textBytes) {
    throw new FileError(name, `expected a .npy header of ${textBytes} bytes, but the file ends after ${got} of them`);
  }
  // Version 3.0 is UTF-8 for the sake of field names, which no file accepted here has.
  return { header: parseHeader(text.toString('latin1'), name), headerBytes: 8 + lengthBytes + textBytes };
}

/** Compares what the header promises with the file's size, before anything is written. */
function checkSize(input: ByteInput, header: NpyHeader, headerBytes: number): void {
  // As NumPy does: a length of 0 makes the array empty, and the others no more believable.
  const claimed = elementCount(header.shape.filter((length) => length > 0)) * header.itemBytes;
  if (!Number.isSafeInteger(claimed)) {
    throw new FileError(input.name, `expected a shape of at most 2^53 bytes, got ${formatShape(header.shape)}`);
  }
  const dataBytes = elementCount(header.shape) * header.itemBytes;
  if (input.size === null) return;
  const got = input.size - headerBytes;
  if (got < dataBytes) failTruncated(input, header, got);
  if (got > dataBytes) failTrailing(input, header, String(got - dataBytes));
}

function failTruncated({ name }: ByteInput, { shape, itemBytes, descr, fortran }: NpyHeader, got: number): never {
  const dataBytes = elementCount(shape) * itemBytes;
  const element = formatElement(Math.floor(got / itemBytes), shape, fortran);
  throw new FileError(
    name,
    `truncated: expected ${dataBytes} bytes of data for shape ${formatShape(shape)} of ${descr}, ` +
      `got ${got} (${dataBytes - got} are missing, from element ${element} on)`,
  );
}

function failTrailing({ name }: ByteInput, { shape, itemBytes, descr }: NpyHeader, count: string): never {
  const dataBytes = elementCount(shape) * itemBytes;
  throw new FileError(
    name,
    `expected the file to end after ${dataBytes} bytes of data for shape ${formatShape(shape)} of ${descr}, ` +
      `got ${count} bytes after them`,
  );
}
