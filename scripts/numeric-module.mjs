// The module of assembly/numeric.ts, which tests compile for themselves: no part of the package.
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/**
 * @typedef {object} NumericModule
 * @property {WebAssembly.Memory} memory
 * @property {(table: number, temperature: number) => void} constants
 * @property {(call: number) => void} logSumExp
 * @property {(x: number, y: number, lane: number, call: number) => void} rowExpSum
 * @property {(table: number, state: number) => void} ready
 * @property {(state: number) => number} columnsOf
 * @property {(x: number, y: number, bytes: number, low: number, magic: number, table: number) => void} exp4Over
 * @property {Over} exp4FullOver
 * @property {Over} expSmall2Over
 * @property {Over} log1p2Over
 * @property {Over} exp2Over
 *
 * @typedef {(x: number, y: number, bytes: number, table: number) => void} Over
 */

/**
 * @param {'simd' | 'relaxed'} tier
 * @returns {Promise<WebAssembly.Module>} whose instances export a NumericModule, and the layout as globals
 */
export async function compileNumeric(tier) {
  /** @type {Uint8Array<ArrayBuffer> | undefined} */
  let bytes;
  const { error, stderr } = await asc.main(
    ['assembly/numeric.ts', '--target', tier, '--outFile', 'numeric.wasm', '--textFile', 'numeric.wat'],
    { baseDir: fileURLToPath(new URL('..', import.meta.url)), writeFile: keep },
  );
  if (error || !bytes) throw error ?? new Error(String(stderr));
  return new WebAssembly.Module(bytes);

  /** @param {string} name @param {Uint8Array<ArrayBuffer> | string} contents */
  function keep(name, contents) {
    if (name.endsWith('.wasm') && typeof contents !== 'string') bytes = contents;
  }
}
