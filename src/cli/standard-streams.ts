import { fstatSync, readFileSync, statSync } from 'node:fs';
import type { ByteOutput } from './output-file.js';
import { writeAll } from './write-all.js';

export const STDIN = 0;
export const STDOUT = 1;

/** The bits of a file's flags that say how it was opened, and "to read and to write". */
const ACCESS_MODE = 3;
const O_RDWR = 2;

/**
 * Whether a standard stream was closed when the process began (`>&-`): Node puts /dev/null in its place, opened to read
 * and to write, which takes all and gives nothing without an error. Only Linux tells; `> /dev/null` opens it to write.
 */
export function isClosed(fd: number): boolean {
  try {
    const stream = fstatSync(fd);
    if (!stream.isCharacterDevice() || stream.rdev !== statSync('/dev/null').rdev) return false;
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))![1]!;
    return (parseInt(flags, 8) & ACCESS_MODE) === O_RDWR;
  } catch {
    return false;
  }
}

export class StandardOutput implements ByteOutput {
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
