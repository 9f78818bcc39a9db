import { closeSync, openSync, writeSync } from 'node:fs';
import { normal } from './random.mjs';

/** Logits of N(0, 4²) for batches of any size: one block of rows, which comes again and again. */

const BLOCK_ELEMENTS = 1 << 20;
export const NPY_HEADER_BYTES = 128;

/** @param {number} rows @param {number} cols */
function blockOf(rows, cols) {
  return normal(Math.min(rows, Math.ceil(BLOCK_ELEMENTS / cols)) * cols, 0, 4, 1);
}

/** @param {number} rows @param {number} cols */
export function logitsOf(rows, cols) {
  const block = blockOf(rows, cols);
  const logits = new Float32Array(rows * cols);
  for (let i = 0; i < logits.length; i += block.length) {
    logits.set(block.subarray(0, Math.min(block.length, logits.length - i)), i);
  }
  return logits;
}

/** The same in a .npy, larger than memory if need be. @param {string} path @param {number} rows @param {number} cols */
export function writeNpy(path, rows, cols) {
  const magic = Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1');
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${cols}), }`;
  const block = Buffer.from(blockOf(rows, cols).buffer);
  const fd = openSync(path, 'w');
  writeSync(fd, Buffer.concat([magic, Buffer.from(`${text.padEnd(NPY_HEADER_BYTES - magic.length - 1)}\n`, 'latin1')]));
  for (let left = 4 * rows * cols; left > 0; left -= block.length)
    writeSync(fd, block, 0, Math.min(left, block.length));
  closeSync(fd);
}

/** The elements of what `writeNpy`, NumPy or the command line has written. @param {Buffer} bytes */
export function elementsOfNpy(bytes) {
  return new Float32Array(bytes.buffer, bytes.byteOffset + NPY_HEADER_BYTES, (bytes.length - NPY_HEADER_BYTES) / 4);
}
