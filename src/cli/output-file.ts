import { randomBytes } from 'node:crypto';
import { rmSync, write } from 'node:fs';
import { open, realpath, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { asFileError, FileError } from './errors.js';

const writeFile = promisify(write);

const STDOUT = 1;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Temporary files of this process, which Ctrl-C and its like take with them. */
const unfinished = new Set<string>();

/** Bytes on their way out. Nothing stands under the file's name before `commit`. */
export interface ByteOutput {
  write(bytes: Uint8Array): Promise<void>;
  /** Gives the file its name; to be called after the last byte. */
  commit(): Promise<void>;
  /** Removes what was written; does nothing after `commit`. */
  discard(): Promise<void>;
}

/** Opens a file to write; `-` is standard output. */
export async function openOutput(path: string): Promise<ByteOutput> {
  return path === '-' ? new StandardOutput() : OutputFile.create(path);
}

class StandardOutput implements ByteOutput {
  write(bytes: Uint8Array): Promise<void> {
    return writeAll('standard output', STDOUT, bytes);
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }
}

/** A file that appears under its name whole or not at all: written beside it, then renamed. */
class OutputFile implements ByteOutput {
  private open = true;

  private constructor(
    private readonly path: string,
    /** What `path` leads to, through symbolic links. */
    private readonly target: string,
    /** null where the target is no ordinary file (a pipe, /dev/null) and is written as it stands. */
    private readonly temporary: string | null,
    private readonly handle: FileHandle,
  ) {}

  static async create(path: string): Promise<OutputFile> {
    try {
      const existing = await stat(path).catch(ignoreMissing);
      if (existing?.isDirectory()) throw new FileError(path, 'expected a file to write, got a directory');
      // What /dev/stdout leads to has no name on the way there when it is a pipe.
      if (existing && !existing.isFile()) return new OutputFile(path, path, null, await open(path, 'w'));
      const target = existing ? await realpath(path) : path;
      const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
      track(temporary); // first: a signal may come as soon as the file is there
      const handle = await open(temporary, 'wx', existing?.mode ?? 0o666).catch((error: unknown) => {
        untrack(temporary);
        throw error;
      });
      return new OutputFile(path, target, temporary, handle);
    } catch (error) {
      throw asFileError(path, error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.open) await writeAll(this.path, this.handle.fd, bytes);
  }

  async commit(): Promise<void> {
    try {
      await this.closeHandle();
      if (this.temporary === null) return;
      await rename(this.temporary, this.target);
      untrack(this.temporary);
    } catch (error) {
      throw asFileError(this.path, error);
    }
  }

  async discard(): Promise<void> {
    await this.closeHandle();
    if (this.temporary === null || !untrack(this.temporary)) return;
    await unlink(this.temporary);
  }

  private async closeHandle(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.handle.close();
  }
}

async function writeAll(name: string, fd: number, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const length = Math.min(bytes.length - written, 1 << 30);
    try {
      written += (await writeFile(fd, bytes, written, length, null)).bytesWritten;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Somebody else who holds this pipe has made it refuse instead of wait.
      if (code === 'EAGAIN') await sleep(1);
      else throw asFileError(name, error);
    }
  }
}

function track(temporary: string): void {
  if (unfinished.size === 0) for (const signal of SIGNALS) process.on(signal, removeUnfinished);
  unfinished.add(temporary);
}

function untrack(temporary: string): boolean {
  const found = unfinished.delete(temporary);
  if (unfinished.size === 0) for (const signal of SIGNALS) process.off(signal, removeUnfinished);
  return found;
}

function removeUnfinished(signal: NodeJS.Signals): void {
  for (const temporary of unfinished) {
    untrack(temporary);
    rmSync(temporary, { force: true });
  }
  // Without listeners the signal ends the process, and the shell sees which one it was.
  process.kill(process.pid, signal);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
