import { Arena } from '../arena.js';
import { freshFloats } from '../check.js';

/** The most that a shared memory could hold. */
const ACCOUNT_BYTES = 2 ** 32;

/** `alloc` and `free` of ordinary arrays, for crews whose threads share no memory. */
export function ordinaryArena(): Arena {
  return new Arena(
    ACCOUNT_BYTES,
    0,
    (_, length) => freshFloats('alloc', length),
    (_, length) => new Int32Array(freshFloats('allocInt32', length).buffer),
  );
}
