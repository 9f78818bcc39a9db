import { randomBytes } from 'node:crypto';
import {
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import { asFileError, FileError } from './errors.js';
import type { ByteOutput, Place } from './output-file.js';
import type { Shard } from './shard.js';
import { ignoreMissing, targetOf } from './target.js';
import { writeAll } from './write-all.js';

/** What the shards of an output must agree on, so that together they are what one run would have written. */
export type Plan = Readonly<Record<string, unknown>>;

/**
 * One output of many processes, on one machine or on several that share a file system: each writes its rows at their place.
 * Until all have, the rows lie in a folder beside the name:
 *
 *     probs.npy.shards/plan    what must be the same for all
 *     probs.npy.shards/data    the file to be
 *     probs.npy.shards/done-3  once the rows of shard 3 are on the disk
 *
 * Who finds all of them done gives the file its name. A shard that was killed runs again and writes the same bytes.
 */
export class JointOutput implements ByteOutput {
  /** Whether a run before this one has written these rows. */
  complete = false;
  private handle: FileHandle | null = null;
  private position = 0;
  private readonly folder: string;

  private constructor(
    private readonly path: string,
    private readonly target: string,
    private readonly shard: Shard,
    private readonly plan: Plan,
  ) {
    this.folder = `${target}.shards`;
  }

  static async open(path: string, shard: Shard, plan: Plan): Promise<JointOutput> {
    try {
      const output = new JointOutput(path, await targetOf(path), shard, plan);
      await output.expectNone();
      return output;
    } catch (error) {
      throw asFileError(path, error);
    }
  }

  async place({ head, before, own, all }: Place): Promise<void> {
    const { path, folder, shard } = this;
    try {
      await this.prepare({
        ...this.plan,
        shards: shard.count,
        head: Buffer.from(head).toString('latin1'),
        rowBytes: all,
      });
      this.handle = await open(join(folder, 'data'), 'r+');
      this.complete = (await stat(this.mark(shard.index)).catch(ignoreMissing)) !== undefined;
      if (shard.index === 1) await writeAll(path, this.handle.fd, head, 0);
      this.position = head.length + before;
      // A place that lies outside would make the file longer.
      if (before + own > all) throw new FileError(path, `expected ${all} bytes of rows, got ${before + own}`);
    } catch (error) {
      throw asFileError(path, error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    await writeAll(this.path, this.handle!.fd, bytes, this.position);
    this.position += bytes.length;
  }

  async commit(): Promise<void> {
    try {
      // Who sees the mark must find the rows, also after a power cut.
      await this.handle!.sync();
      await this.discard();
      await writeFile(this.mark(this.shard.index), '');
      const names = new Set(await readdir(this.folder));
      for (let i = 1; i <= this.shard.count; i++) if (!names.has(`done-${i}`)) return;
      await rename(join(this.folder, 'data'), this.target);
      await rm(this.folder, { recursive: true, force: true });
    } catch (error) {
      // Two have found all done, and the other one was first.
      const isThere = (await stat(this.target).catch(ignoreMissing)) !== undefined;
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !isThere) throw asFileError(this.path, error);
    }
  }

  /** What others have written stays. */
  async discard(): Promise<void> {
    const { handle } = this;
    this.handle = null;
    await handle?.close();
  }

  private mark(index: number): string {
    return join(this.folder, `done-${index}`);
  }

  private async expectNone(): Promise<void> {
    if ((await stat(this.path).catch(ignoreMissing)) === undefined) return;
    throw new FileError(this.path, 'expected no such file with --join: remove it to have it made again');
  }

  /** Makes the folder where nobody has, whole or not at all, and compares the plan in it. */
  private async prepare(plan: Plan): Promise<void> {
    const { folder, path } = this;
    if ((await stat(folder).catch(ignoreMissing)) === undefined) await this.make(plan);
    const first = JSON.parse(await readFile(join(folder, 'plan'), 'utf8')) as Plan;
    const names = Object.keys({ ...first, ...plan });
    const other = names.find((name) => JSON.stringify(first[name]) !== JSON.stringify(plan[name]));
    if (other === undefined) return;
    const [want, got] = [first, plan].map((one) => JSON.stringify(one[other]) ?? 'none');
    const problem = `expected ${other} ${want}, as the shards in ${folder} have it, got ${got}`;
    throw new FileError(path, `${problem}; remove the folder to begin again`);
  }

  private async make(plan: Plan): Promise<void> {
    const made = `${this.folder}.${randomBytes(6).toString('hex')}.tmp`;
    await mkdir(made);
    try {
      await writeFile(join(made, 'plan'), `${JSON.stringify(plan, null, 2)}\n`);
      await writeFile(join(made, 'data'), '');
      await truncate(join(made, 'data'), String(plan.head).length + Number(plan.rowBytes));
      await rename(made, this.folder).catch((error: unknown) => {
        // Another one was first.
        if (!['ENOTEMPTY', 'EEXIST'].includes(String((error as NodeJS.ErrnoException).code))) throw error;
      });
    } finally {
      await rm(made, { recursive: true, force: true });
    }
    // All may have ended since this one began: then the folder is of no use.
    await this.expectNone().catch(async (error: unknown) => {
      await rm(this.folder, { recursive: true, force: true });
      throw error;
    });
  }
}
