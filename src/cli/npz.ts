import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { skipByReading, type ByteInput } from './byte-input.js';
import { asFileError, FileError, UsageError } from './errors.js';

/** An array of a .npz, by the name that numpy.savez was given, or without one where there is no other. */
export async function openMember(path: string, key: string | undefined): Promise<ByteInput> {
  if (path === '-') throw new UsageError('expected the name of the .npz, as its directory is at its end');
  const zip = await openZip(path);
  try {
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) entries.push(entry);
    const entry = choose(path, entries, key);
    return new Member(`${path}/${keyOf(entry)}`, zip, entry, await streamOf(zip, entry));
  } catch (error) {
    zip.close();
    throw asZipError(path, error);
  }
}

async function openZip(path: string): Promise<ZipFile> {
  const { openPromise } = (await import('yauzl')).default;
  try {
    return await openPromise(path, { autoClose: false });
  } catch (error) {
    throw asZipError(path, error);
  }
}

function choose(path: string, entries: readonly Entry[], key: string | undefined): Entry {
  const arrays = entries.filter(({ fileName }) => fileName.endsWith('.npy'));
  const found = arrays.filter((entry) => key === undefined || keyOf(entry) === key);
  if (found.length === 1) return found[0]!;
  const names = arrays.map(keyOf).join(', ') || 'none';
  if (key !== undefined) throw new FileError(path, `expected one array ${JSON.stringify(key)}, got ${names}`);
  throw new FileError(path, `expected one array, got ${names}: --key, or ${path}/NAME, says which`);
}

function keyOf({ fileName }: Entry): string {
  return fileName.replace(/\.npy$/, '');
}

/** What yauzl finds wrong; it has no class of errors. */
function asZipError(path: string, error: unknown): unknown {
  const known = asFileError(path, error);
  if (known !== error || error instanceof FileError || error instanceof UsageError) return known;
  const { message } = error as Error;
  return new FileError(path, `expected a .npz: ${message[0]?.toLowerCase()}${message.slice(1)}`);
}

function streamOf(zip: ZipFile, entry: Entry): Promise<Readable> {
  return zip.openReadStreamPromise(entry);
}

/** The bytes of a member, unpacked as they are read. */
class Member implements ByteInput {
  readonly size: number;
  private readonly parts: AsyncIterator<Buffer, undefined>;
  private part: Buffer = Buffer.alloc(0);
  private sum = 0;

  constructor(
    readonly name: string,
    private readonly zip: ZipFile,
    private readonly entry: Entry,
    private readonly stream: Readable,
  ) {
    this.size = entry.uncompressedSize;
    this.parts = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  }

  async read(into: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      if (this.part.length === 0 && !(await this.next())) break;
      const taken = this.part.subarray(0, into.length - filled);
      into.set(taken, filled);
      filled += taken.length;
      this.part = this.part.subarray(taken.length);
    }
    return filled;
  }

  readSome(into: Uint8Array): Promise<number> {
    return this.read(into);
  }

  skip(bytes: number): Promise<number> {
    return skipByReading(this, bytes);
  }

  /** After the last byte: they must be those that were packed. */
  async end(): Promise<void> {
    if (this.part.length > 0 || (await this.next())) throw new FileError(this.name, 'expected no more bytes');
    if (this.sum === this.entry.crc32) return;
    throw new FileError(this.name, 'expected the bytes that were packed, got others (their check sum differs)');
  }

  close(): Promise<void> {
    this.stream.destroy();
    this.zip.close();
    return Promise.resolve();
  }

  private async next(): Promise<boolean> {
    try {
      const { value, done } = await this.parts.next();
      if (done) return false;
      this.part = value;
      this.sum = crc32(value, this.sum);
      return true;
    } catch (error) {
      throw asZipError(this.name, error);
    }
  }
}
