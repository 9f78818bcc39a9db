import type { OperandArray } from './operand.js';
import { byteLengthOf, byteOffsetOf, isSharedBuffer } from './view.js';

/**
 * One shared memory may have several SharedArrayBuffer objects: a structured clone of one, or what a WebAssembly memory gave
 * before and after it grew. They differ as objects, but begin at the same byte.
 */

/** Whether they are of one memory, for pairs that were asked about. */
const KNOWN = /* @__PURE__ */ new WeakMap<object, WeakMap<object, boolean>>();
const ROUNDS = 8;

/**
 * Whether two buffers are different objects of one memory, as far as it matters: where the arrays have bytes at the same
 * places.
 *
 * @param output is to be written by the call: what is tried there is undone at once
 */
export function isSharedTwice(
  buffer: ArrayBufferLike,
  otherBuffer: ArrayBufferLike,
  output: OperandArray,
  other: OperandArray,
): boolean {
  if (!isSharedBuffer(buffer) || !isSharedBuffer(otherBuffer)) return false;
  const at = Math.max(byteOffsetOf(output), byteOffsetOf(other));
  if (at >= byteOffsetOf(output) + byteLengthOf(output) || at >= byteOffsetOf(other) + byteLengthOf(other))
    return false;
  const known = KNOWN.get(buffer)?.get(otherBuffer);
  if (known !== undefined) return known;
  const found = isSameByte(new Uint8Array(buffer, at, 1), new Uint8Array(otherBuffer, at, 1));
  if (!KNOWN.has(buffer)) KNOWN.set(buffer, new WeakMap());
  KNOWN.get(buffer)!.set(otherBuffer, found);
  return found;
}

/** Whether what is written to one is read in the other, several times: another thread may write there, too. */
function isSameByte(byte: Uint8Array, otherByte: Uint8Array): boolean {
  let same = true;
  for (let i = 0; i < 2 * ROUNDS; i++) {
    const now = Atomics.xor(byte, 0, 0xff) ^ 0xff;
    same &&= Atomics.load(otherByte, 0) === now;
  }
  return same;
}
