import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logitsOf, writeNpy } from '../logits.mjs';

/**
 * One batch, in the places where the ways take it from and put it.
 *
 * @typedef {object} Batch
 * @property {number} rows
 * @property {number} cols
 * @property {Float32Array} logits
 * @property {Float32Array} probs what each way is to give, by the engine that measures
 * @property {Float32Array} out
 * @property {string} folder where logits.npy lies
 *
 * @typedef {import('../suite/measure.mjs').Subject & { check: () => unknown }} Way
 *   check: throws unless one call gives what it should
 */

/** A new folder, in a memory file system where there is one: Linux writes other files back while it is timed. @param {string} [dir] */
export function memoryFolder(dir = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()) {
  return mkdtempSync(join(dir, 'softmax-simd-bench-'));
}

/** @param {import('../../dist/index.js').Engine} engine @param {number} rows @param {number} cols @param {string} folder @returns {Batch} */
export function makeBatch(engine, rows, cols, folder) {
  const logits = logitsOf(rows, cols);
  writeNpy(join(folder, 'logits.npy'), rows, cols);
  rmSync(join(folder, 'probs.npy'), { force: true });
  return { rows, cols, logits, probs: engine.softmax(logits, cols), out: new Float32Array(logits.length), folder };
}

/** @param {string} way @param {Float32Array} got @param {Float32Array} want */
export function checkBits(way, got, want) {
  const bytes = (/** @type {Float32Array} */ { buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength);
  if (!bytes(got).equals(bytes(want))) throw new Error(`${way}: other bits than the function's`);
}
