import { ByteSource } from './byte-source.js';
import { elementsOf, HOST_F32, toHostOrder } from './elements.js';
import { FileError } from './errors.js';
import { elementCount, formatElement, formatShape, type Format, type Reader, type Writer } from './format.js';
import { buildHeader, headerLengthBytes, parseHeader, type NpyHeader } from './npy-header.js';
import { OutputFile } from './output-file.js';

/** The header of an array of numbers takes about 100 bytes; what claims to be longer than this is none. */
const MAX_HEADER_BYTES = 65535;
/** Elements that need converting pass through a buffer of this many. */
const STAGED_ELEMENTS = 16384;

/** NumPy's .npy: versions 1.0 to 3.0 are read, 1.0 is written. */
export const npy: Format = {
  async open(path: string): Promise<Reader> {
    const source = await ByteSource.open(path);
    try {
      const { header, headerBytes } = await readHeader(source);
      const reader = new NpyReader(source, header, headerBytes);
      reader.checkSize();
      return reader;
    } catch (error) {
      await source.close();
      throw error;
    }
  },

  async create(path: string, shape: readonly number[]): Promise<Writer> {
    const file = await OutputFile.create(path);
    const writer = new NpyWriter(file, elementCount(shape));
    try {
      await file.write(buildHeader(HOST_F32, shape));
    } catch (error) {
      await writer.discard();
      throw error;
    }
    return writer;
  },
};

async function readHeader(source: ByteSource): Promise<{ header: NpyHeader; headerBytes: number }> {
  const { path } = source;
  const start = new Uint8Array(8);
  const lengthBytes = headerLengthBytes(start.subarray(0, await source.read(start)), path);
  const lengthField = new Uint8Array(4);
  const gotLength = await source.read(lengthField.subarray(0, lengthBytes));
  if (gotLength < lengthBytes) throw new FileError(path, 'expected a .npy header, but the file ends in its length');
  const textBytes = new DataView(lengthField.buffer).getUint32(0, true);
  if (textBytes > MAX_HEADER_BYTES) {
    throw new FileError(path, `expected a .npy header of at most ${MAX_HEADER_BYTES} bytes, got ${textBytes}`);
  }
  const text = Buffer.alloc(textBytes);
  const got = await source.read(text);
  if (got < textBytes) {
    throw new FileError(path, `expected a .npy header of ${textBytes} bytes, but the file ends after ${got} of them`);
  }
  // Version 3.0 is UTF-8 for the sake of field names, which no file accepted here has.
  return { header: parseHeader(text.toString('latin1'), path), headerBytes: 8 + lengthBytes + textBytes };
}

class NpyReader implements Reader {
  private elementsRead = 0;

  constructor(
    private readonly source: ByteSource,
    private readonly header: NpyHeader,
    private readonly headerBytes: number,
  ) {}

  get path(): string {
    return this.source.path;
  }

  get shape(): readonly number[] {
    return this.header.shape;
  }

  get type(): 'float' | 'integer' {
    return this.header.kind === 'f' ? 'float' : 'integer';
  }

  private get dataBytes(): number {
    return elementCount(this.shape) * this.header.itemBytes;
  }

  /** Compares what the header promises with the file's size, before memory for it is asked. */
  checkSize(): void {
    if (!Number.isSafeInteger(this.dataBytes)) {
      throw new FileError(this.path, `expected a shape of at most 2^53 bytes, got ${formatShape(this.shape)}`);
    }
    if (this.source.size === null) return;
    const got = this.source.size - this.headerBytes;
    if (got < this.dataBytes) this.failTruncated(got);
    if (got > this.dataBytes) this.failTrailing(String(got - this.dataBytes));
  }

  async readFloats(into: Float32Array): Promise<void> {
    if (this.header.kind === 'f' && this.header.itemBytes === 4) return this.fill(bytesOf(into));
    for (let at = 0; at < into.length; at += STAGED_ELEMENTS) {
      const part = into.subarray(at, at + STAGED_ELEMENTS);
      part.set((await this.stage(part.length)) as ArrayLike<number>);
    }
  }

  async readInt32(into: Int32Array): Promise<void> {
    for (let at = 0; at < into.length; at += STAGED_ELEMENTS) {
      const part = into.subarray(at, at + STAGED_ELEMENTS);
      const first = this.elementsRead;
      const elements = await this.stage(part.length);
      for (let i = 0; i < part.length; i++) {
        const value = elements[i]!;
        part[i] = Number(value);
        if (part[i] !== Number(value)) {
          const element = formatElement(first + i, this.shape);
          throw new FileError(this.path, `expected element ${element} to be an int32, got ${value}`);
        }
      }
    }
  }

  async end(): Promise<void> {
    if ((await this.source.read(new Uint8Array(1))) !== 0) this.failTrailing('more');
  }

  close(): Promise<void> {
    return this.source.close();
  }

  private async stage(count: number) {
    const bytes = new Uint8Array(count * this.header.itemBytes);
    await this.fill(bytes);
    return elementsOf(bytes, this.header);
  }

  private async fill(bytes: Uint8Array): Promise<void> {
    const before = this.elementsRead * this.header.itemBytes;
    const got = await this.source.read(bytes);
    if (got < bytes.length) this.failTruncated(before + got);
    toHostOrder(bytes, this.header);
    this.elementsRead += bytes.length / this.header.itemBytes;
  }

  private failTruncated(got: number): never {
    const { header, shape, path, dataBytes } = this;
    const element = formatElement(Math.floor(got / header.itemBytes), shape);
    throw new FileError(
      path,
      `truncated: expected ${dataBytes} bytes of data for shape ${formatShape(shape)} of ${header.descr}, ` +
        `got ${got} (${dataBytes - got} are missing, from element ${element} on)`,
    );
  }

  private failTrailing(count: string): never {
    const { header, shape, path, dataBytes } = this;
    throw new FileError(
      path,
      `expected the file to end after ${dataBytes} bytes of data for shape ${formatShape(shape)} of ${header.descr}, ` +
        `got ${count} bytes after them`,
    );
  }
}

class NpyWriter implements Writer {
  constructor(
    private readonly file: OutputFile,
    private elementsLeft: number,
  ) {}

  async write(values: Float32Array): Promise<void> {
    this.elementsLeft -= values.length;
    await this.file.write(bytesOf(values));
  }

  async commit(): Promise<void> {
    if (this.elementsLeft !== 0) throw new Error(`npy: ${this.elementsLeft} elements are still to be written`);
    await this.file.commit();
  }

  discard(): Promise<void> {
    return this.file.discard();
  }
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
