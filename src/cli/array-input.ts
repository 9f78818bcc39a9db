import { existsSync } from 'node:fs';
import { openInput, type ByteInput } from './byte-input.js';

/** A file, and the name of an array in it where it is a .npz. */
interface Named {
  readonly file: string;
  readonly key?: string | undefined;
}

/** What `FILE.npz/NAME` names, unless there is such a file. */
function named(path: string): Named {
  const [, file, key] = /^(.*\.npz)\/([^/]+)$/.exec(path) ?? [];
  return file === undefined || existsSync(path) ? { file: path } : { file, key };
}

export function isNpz(path: string): boolean {
  return named(path).file.endsWith('.npz');
}

/** The file on the disk that a name leads into. */
export function fileOf(path: string): string {
  return named(path).file;
}

/** The name of an array that stands behind that of its file. */
export function memberOf(path: string): string | undefined {
  return named(path).key;
}

/** Opens a .npy, or an array of a .npz: the one of this name, of `FILE.npz/NAME`, or the only one. */
export async function openArray(path: string, asked?: string): Promise<ByteInput> {
  const { file, key = asked } = named(path);
  if (!file.endsWith('.npz') && asked === undefined) return openInput(path);
  const { openMember } = await import('./npz.js');
  return openMember(file, key);
}
