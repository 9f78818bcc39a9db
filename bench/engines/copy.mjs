import { createEngine } from '../../dist/index.js';

/** What a call from ordinary arrays copies, and nothing else: inputs into linear memory, outputs out of it, by tiles. */

/** As src/wasm/memory.ts has it: 32 KiB. */
const TILE = 8192;

export async function open() {
  const { alloc } = createEngine({ tier: 'simd', arenaBytes: 4 * TILE });
  const tile = alloc(TILE);
  return [{ id: 'copy', subjects: (task) => [subjectOf(tile, task)] }];
}

function subjectOf(tile, { op, rows, cols, inputs }) {
  const bits = new Int32Array(tile.buffer, tile.byteOffset, tile.length);
  const ins = Object.values(inputs);
  const outs = op.outputs(rows, cols).map((length) => new Float32Array(length));
  const call = () => {
    for (const x of ins) {
      const to = x instanceof Int32Array ? bits : tile;
      for (let at = 0; at < x.length; at += TILE) to.set(x.subarray(at, at + TILE));
    }
    for (const y of outs) {
      for (let at = 0; at < y.length; at += TILE) y.set(tile.subarray(0, Math.min(TILE, y.length - at)), at);
    }
  };
  return { id: 'copy', call, unchecked: true };
}
