import { randomBytes } from 'node:crypto';
import { rmSync, type Stats } from 'node:fs';
import { access, constants, open, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { asFileError, FileError } from './errors.js';
import { ignoreMissing, targetOf } from './target.js';
import { writeAll } from './write-all.js';
import { StandardOutput } from './standard-streams.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Temporary files of this process, which Ctrl-C and its like take with them. */
const unfinished = new Set<string>();

/** Part of an output that others write, too; in bytes. */
export interface Place {
  /** What comes before all rows. */
  readonly head: Uint8Array;
  /** Of the rows before these, of these, and of all. */
  readonly before: number;
  readonly own: number;
  readonly all: number;
}

/** Bytes on their way out. Nothing stands under the file's name before `commit`. */
export interface ByteOutput {
  /** Where this run's rows lie in an output of many; to be called first, where there is such a thing. */
  place?(place: Place): Promise<void>;
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
      if (existing?.isDirectory() || /[/\\]$/.test(path))
        throw new FileError(path, 'expected a file to write, got a directory');
      // What /dev/stdout leads to has no name on the way there when it is a pipe.
      if (existing && !existing.isFile()) return new OutputFile(path, path, null, await open(path, 'w'));
      // Who may not write to the file must not replace it either.
      if (existing) await access(path, constants.W_OK);
      const target = await targetOf(path);
      const temporary = join(dirname(target), temporaryName(basename(target)));
      track(temporary); // first: a signal may come as soon as the file is there
      const handle = await openTemporary(temporary, existing).catch((error: unknown) => {
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

/** Visible, and short enough whatever the file is called: names have 255 bytes at most, with some systems 143. */
function temporaryName(name: string): string {
  const start = Array.from(name).slice(0, 24).join('');
  return `${start}.${randomBytes(6).toString('hex')}.tmp`;
}

/** With the owner, where that is allowed, and the mode of the file that it replaces. */
async function openTemporary(temporary: string, existing: Stats | undefined): Promise<FileHandle> {
  const handle = await open(temporary, 'wx', existing === undefined ? 0o666 : 0o600);
  if (existing === undefined) return handle;
  try {
    const { uid, gid, mode } = existing;
    const { uid: ownUid } = await handle.stat();
    await handle.chown(uid, gid).catch(() => handle.chown(ownUid, gid).catch(() => undefined));
    await handle.chmod(mode & 0o777);
    return handle;
  } catch (error) {
    await handle.close();
    await unlink(temporary);
    throw error;
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
