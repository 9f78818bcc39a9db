import { write } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { asFileError } from './errors.js';

const writeFile = promisify(write);

/** More than this is written in parts: the system takes at most 2 GiB at once. */
const WRITE_BYTES = 1 << 30;

/** Writes bytes to a file that is open; from `position` on, else where the system says that it is. `name` is for messages. */
export async function writeAll(name: string, fd: number, bytes: Uint8Array, position?: number): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const at = position === undefined ? null : position + written;
    const length = Math.min(bytes.length - written, WRITE_BYTES);
    try {
      written += (await writeFile(fd, bytes, written, length, at)).bytesWritten;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Somebody else who holds this pipe has made it refuse instead of wait.
      if (code === 'EAGAIN') await sleep(1);
      else throw asFileError(name, error);
    }
  }
}
