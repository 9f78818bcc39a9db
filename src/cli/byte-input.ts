import { close, fstat, open, read, readFileSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { asFileError, FileError } from './errors.js';
import { isClosed, STDIN } from './standard-streams.js';

const openFile = promisify(open);
const closeFile = promisify(close);
const statFile = promisify(fstat);
const readFile = promisify(read);

/** Larger reads than this are split: the system takes at most 2 GiB at once. */
const READ_BYTES = 1 << 30;
/** Bytes of a pipe wait here: more than one read of it can bring. */
const INBOX_BYTES = 1 << 18;

/** The bytes of a file or a pipe, from the first on. */
export interface ByteInput {
  /** For messages. */
  readonly name: string;
  /** In bytes; null when it cannot be known before the end (a pipe). */
  readonly size: number | null;
  /** Fills `into`; returns how many bytes there were, less than `into.length` only at the end. */
  read(into: Uint8Array): Promise<number>;
  /**
   * Fills `into`, but of a pipe stops at a multiple of `step` bytes when nothing more is there and `demand` says that
   * everybody waits for it. Returns how many bytes: 0, or no multiple of `step`, only at the end.
   */
  readSome(into: Uint8Array, step: number, demand: Demand): Promise<number>;
  /** Passes over this many bytes, of a file also back; returns how many, fewer only where a pipe ends. */
  skip(bytes: number): Promise<number>;
  /** After the last byte, where what was read can be compared with what was written. */
  end?(): Promise<void>;
  close(): Promise<void>;
}

/** Whether the stages behind the reader have run out of work. */
export interface Demand {
  readonly now: boolean;
  /** Resolves when it becomes so. */
  wait(): Promise<void>;
}

/** Opens a file or a pipe; `-` is standard input. */
export async function openInput(path: string): Promise<ByteInput> {
  const name = path === '-' ? 'standard input' : path;
  if (path === '-' && isClosed(STDIN)) throw new FileError(name, 'expected it to be open, got a closed one');
  try {
    const fd = path === '-' ? 0 : await openFile(path, 'r');
    const stats = await statFile(fd);
    if (stats.isDirectory()) {
      if (fd !== 0) await closeFile(fd);
      throw new FileError(name, 'expected a file, got a directory');
    }
    return stats.isFIFO() || stats.isSocket() ? new PipeInput(name, fd) : new FileInput(name, fd, stats);
  } catch (error) {
    throw asFileError(name, error);
  }
}

/** What answers a read at once: a file, or a device such as /dev/zero. */
class FileInput implements ByteInput {
  readonly size: number | null;
  /** Where the next read begins; null for where the system says that it does. */
  private position: number | null;

  constructor(
    readonly name: string,
    private readonly fd: number,
    stats: Stats,
  ) {
    this.position = stats.isFile() ? startOf(fd) : null;
    this.size = this.position === null ? null : Math.max(stats.size - this.position, 0);
  }

  async read(into: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const bytes = await this.readOnce(into, filled);
      if (bytes === 0) break;
      filled += bytes;
    }
    return filled;
  }

  readSome(into: Uint8Array): Promise<number> {
    return this.read(into);
  }

  async skip(bytes: number): Promise<number> {
    if (this.position === null) return skipByReading(this, bytes);
    this.position += bytes;
    return bytes;
  }

  async close(): Promise<void> {
    if (this.fd !== 0) await closeFile(this.fd);
  }

  private async readOnce(into: Uint8Array, offset: number): Promise<number> {
    try {
      const length = Math.min(into.length - offset, READ_BYTES);
      const { bytesRead } = await readFile(this.fd, into, offset, length, this.position);
      if (this.position !== null) this.position += bytesRead;
      return bytesRead;
    } catch (error) {
      throw asFileError(this.name, error);
    }
  }
}

/** Who redirects a file to standard input may have read the beginning of it; only Linux tells. */
function startOf(fd: number): number | null {
  if (fd !== 0) return 0;
  try {
    return Number(/^pos:\s*(\d+)/m.exec(readFileSync('/proc/self/fdinfo/0', 'latin1'))![1]);
  } catch {
    return null;
  }
}

/**
 * A pipe or a socket, watched by the event loop: a thread blocked in a read would hold up the end of the process.
 * Nothing is read ahead of what fits the inbox, so a fast sender is held back.
 */
class PipeInput implements ByteInput {
  readonly size = null;
  private readonly socket: Socket;
  /** What has come and is not taken yet: [from, to) of the inbox. */
  private readonly inbox = new Uint8Array(INBOX_BYTES);
  private from = 0;
  private to = 0;
  private ended = false;
  private failure: Error | null = null;
  private wake: () => void = () => undefined;

  constructor(
    readonly name: string,
    fd: number,
  ) {
    const callback = (bytes: number) => {
      this.from = 0;
      this.to = bytes;
      this.wake();
      return false;
    };
    this.socket = new Socket({ fd, readable: true, writable: false, onread: { buffer: this.inbox, callback } });
    this.socket.on('end', () => this.finish(null));
    this.socket.on('error', (error) => this.finish(error));
  }

  async read(into: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < into.length && (await this.more())) filled += this.take(into, filled);
    return filled;
  }

  async readSome(into: Uint8Array, step: number, demand: Demand): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      if (this.from < this.to) {
        filled += this.take(into, filled);
        continue;
      }
      const enough = filled > 0 && filled % step === 0;
      if (enough && demand.now) break;
      const more = this.more();
      if (!(await (enough ? Promise.race([more, demand.wait().then(() => true)]) : more))) break;
    }
    return filled;
  }

  skip(bytes: number): Promise<number> {
    return skipByReading(this, bytes);
  }

  close(): Promise<void> {
    this.socket.destroy();
    return Promise.resolve();
  }

  private finish(error: Error | null): void {
    this.ended = true;
    this.failure = error;
    this.wake();
  }

  /** Resolves when the inbox holds something; to false at the end. */
  private async more(): Promise<boolean> {
    while (this.from === this.to && !this.ended) {
      this.socket.resume();
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    if (this.failure !== null) throw asFileError(this.name, this.failure);
    return this.from < this.to;
  }

  private take(into: Uint8Array, at: number): number {
    const bytes = Math.min(into.length - at, this.to - this.from);
    into.set(this.inbox.subarray(this.from, this.from + bytes), at);
    this.from += bytes;
    return bytes;
  }
}

export async function skipByReading(input: ByteInput, bytes: number): Promise<number> {
  const waste = new Uint8Array(Math.min(bytes, INBOX_BYTES));
  for (let left = bytes; left > 0;) {
    const got = await input.read(waste.subarray(0, Math.min(left, waste.length)));
    if (got === 0) return bytes - left;
    left -= got;
  }
  return bytes;
}
