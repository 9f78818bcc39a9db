import { readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** What a path leads to through symbolic links, also where the last one leads to nothing yet. */
export async function targetOf(path: string): Promise<string> {
  // `stat` has followed them before, so that there are only so many.
  for (;;) {
    const folder = await realpath(dirname(path));
    const place = join(folder, basename(path));
    const link = await readlink(place).catch(ignoreNoLink);
    if (link === undefined) return place;
    path = resolve(folder, link);
  }
}

/** For what may not be there. */
export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

function ignoreNoLink(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'EINVAL') throw error;
}
