import { open, type FileHandle } from 'node:fs/promises';
import { asFileError, FileError } from './errors.js';

/** Larger reads than this are split: the system takes at most 2 GiB at once. */
const READ_BYTES = 1 << 30;

/** The bytes of a file, from its first on. */
export class ByteSource {
  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    /** In bytes; null when it cannot be known before the end is read (a pipe). */
    readonly size: number | null,
  ) {}

  static async open(path: string): Promise<ByteSource> {
    try {
      const handle = await open(path, 'r');
      const stats = await handle.stat();
      if (stats.isDirectory()) {
        await handle.close();
        throw new FileError(path, 'expected a file, got a directory');
      }
      return new ByteSource(path, handle, stats.isFile() ? stats.size : null);
    } catch (error) {
      throw asFileError(path, error);
    }
  }

  /** Fills `into`; returns how many bytes there were, less than `into.length` only at the end of the file. */
  async read(into: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const wanted = Math.min(into.length - filled, READ_BYTES);
      const bytesRead = await this.readOnce(into, filled, wanted);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  private async readOnce(into: Uint8Array, offset: number, length: number): Promise<number> {
    try {
      return (await this.handle.read(into, offset, length, null)).bytesRead;
    } catch (error) {
      throw asFileError(this.path, error);
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}
