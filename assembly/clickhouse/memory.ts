import { CALL_BYTES, STATE_BYTES, TABLE_BYTES } from '../layout';
import { fail, number, text } from './fail';

/**
 * The memory of the module: what the kernels are given, then the buffers that come and go with a block.
 *
 *   | static data | k, s, p of the kernels | buffers: handle, bytes, handle, bytes, …
 *
 * A block's own buffer mostly takes the result too, and what else is needed lives as long as the call. So buffers are
 * stacked: one that is given back is used again as soon as those above it are, and memory never grows past what the
 * largest block needs.
 */

/** A handle, as the host reads it, then what only this file reads: how often it must be given back, the one below. */
// @ts-ignore: decorator
@inline const PTR: usize = 0;
// @ts-ignore: decorator
@inline const SIZE: usize = 4;
// @ts-ignore: decorator
@inline const USERS: usize = 8;
// @ts-ignore: decorator
@inline const BELOW: usize = 12;
// @ts-ignore: decorator
@inline const HANDLE_BYTES: usize = 16;

/** The kernels' table, call and state (docs/abi.md). */
export const TABLE = memory.data(TABLE_BYTES, 16);
export const CALL = memory.data(CALL_BYTES, 16);
export const STATE = memory.data(STATE_BYTES, 16);

/** The host refuses a buffer that ends with the memory. */
// @ts-ignore: decorator
@inline const MARGIN: u64 = 16;

/** The buffer on top of the stack, or 0. */
let last: usize = 0;

export function createBuffer(size: u32): usize {
  return push(size, 1);
}

/** A buffer of this call alone. Nobody gives it back, not even when the call fails: it goes with the host's next one. */
export function createScratch(size: u64): usize {
  return push(size, 0);
}

function push(size: u64, users: u32): usize {
  const top = last ? bytesOf(last) + sizeOf(last) : __heap_base;
  const handle = (top + 15) & ~15;
  reserve(handle + HANDLE_BYTES + size, size);
  store<usize>(handle, handle + HANDLE_BYTES, PTR);
  store<usize>(handle, <usize>size, SIZE);
  store<u32>(handle, users, USERS);
  store<usize>(handle, last, BELOW);
  last = handle;
  return handle;
}

/** Memory up to `end`, or an SQL error that says what to change. */
function reserve(end: u64, size: u64): void {
  const pages = (end + MARGIN + 0xffff) >> 16;
  const missing = <i64>pages - memory.size();
  if (missing <= 0 || memory.grow(<i32>missing) >= 0) return;
  text('clickhouse_create_buffer: expected the block to fit the memory of the function, got ');
  number(size);
  text(' bytes (raise webassembly_udf_max_memory, or lower webassembly_udf_max_input_block_size)');
  fail();
}

/** Gives a buffer back; what is no buffer is left alone. */
export function destroyBuffer(handle: usize): void {
  let found = last;
  while (found && found != handle) found = load<usize>(found, BELOW);
  if (!found || !load<u32>(found, USERS)) return;
  store<u32>(found, load<u32>(found, USERS) - 1, USERS);
  while (last && !load<u32>(last, USERS)) last = load<usize>(last, BELOW);
}

/** The block's own buffer as its result, with `size` bytes of it: it will be given back once more. */
export function keep(handle: usize, size: usize): usize {
  store<usize>(handle, size, SIZE);
  store<u32>(handle, load<u32>(handle, USERS) + 1, USERS);
  return handle;
}

// @ts-ignore: decorator
@inline
export function bytesOf(handle: usize): usize {
  return load<usize>(handle, PTR);
}

// @ts-ignore: decorator
@inline
export function sizeOf(handle: usize): usize {
  return load<usize>(handle, SIZE);
}
