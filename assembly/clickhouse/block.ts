import { readBlock, writeResult } from './buffers';
import { compute } from './operations';
import { toBuffers, writeRows } from './row-binary';

/** One block through a kernel, given by its function's index, into a block of results. */

export function inBuffers(handle: usize, rows: u32, kernel: u32, kind: u32, name: string): usize {
  readBlock(handle, rows, kind, name);
  compute(rows, kernel, kind, name);
  return writeResult(handle, rows, kind);
}

export function inRows(handle: usize, rows: u32, kernel: u32, kind: u32, name: string): usize {
  readBlock(toBuffers(handle, rows, kind, name), rows, kind, name);
  compute(rows, kernel, kind, name);
  return writeRows(handle, rows, kind);
}
