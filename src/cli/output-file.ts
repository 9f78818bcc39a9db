import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { open, realpath, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asFileError, FileError } from './errors.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Temporary files of this process, which Ctrl-C and its like take with them. */
const unfinished = new Set<string>();

/** A file that appears under its name whole or not at all: written beside it, then renamed. */
export class OutputFile {
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
      const target = existing ? await realpath(path) : path;
      if (existing && !existing.isFile()) return new OutputFile(path, target, null, await open(path, 'w'));
      const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
      const handle = await open(temporary, 'wx', existing?.mode ?? 0o666);
      track(temporary);
      return new OutputFile(path, target, temporary, handle);
    } catch (error) {
      throw asFileError(path, error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let written = 0; written < bytes.length;) {
        const length = Math.min(bytes.length - written, 1 << 30);
        written += (await this.handle.write(bytes, written, length, null)).bytesWritten;
      }
    } catch (error) {
      throw asFileError(this.path, error);
    }
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
    unlinkSync(temporary);
  }
  // Without listeners the signal ends the process, and the shell sees which one it was.
  process.kill(process.pid, signal);
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
