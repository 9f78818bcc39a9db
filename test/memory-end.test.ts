import { describe, expect, it } from 'vitest';
import { type Kernels, STATE_BYTES } from '../src/wasm/kernels.js';
import { compile } from '../src/wasm/modules.js';
import { tiers } from './tiers.js';

const wasmTiers = tiers.filter(({ name }) => name !== 'scalar');

// What the kernels compute next they load ahead of time: never beyond the last row.
describe.each(wasmTiers)('rows that end where the memory ends, $name', ({ name }) => {
  const kernels = new WebAssembly.Instance(compile(name as 'simd' | 'relaxed')).exports as unknown as Kernels;
  const [table, state, parameters, results] = [1024, 2048, 16_384, 65_536];
  kernels.memory.grow(15);
  kernels.constants(table, 1);
  const { buffer } = kernels.memory;
  const f64 = new Float64Array(buffer, parameters, 5);
  f64.set([1, 1, 1, 0, 0]);
  new Int32Array(buffer)[(parameters + 40) >> 2] = -100;

  const shapes = [1000, 3072, 4000, 20_000].flatMap((cols) => [1, 2, 3, 4, 5, 7, 8, 9].map((rows) => [rows, cols]));
  it.each(shapes.filter(([rows, cols]) => rows! * cols! <= 100_000))('%i rows of %i', (rows, cols) => {
    const logits = Float32Array.from({ length: rows! * cols! }, (_, i) => 5 * Math.sin(i * i));
    const at = buffer.byteLength - logits.byteLength;
    const x = new Float32Array(buffer, at, logits.length);
    const y = new Float32Array(buffer, results, logits.length);
    const whole = (compute: (src: number, dst: number, n: number) => void) => {
      x.set(logits);
      compute(at, results, rows!);
      const all = y.slice();
      for (let r = 0; r < rows!; r++) compute(at + 4 * r * cols!, results + 4 * r * cols!, 1);
      expect(all.every((v, i) => Object.is(v, y[i]))).toBe(true);
      compute(at, at, rows!);
      expect(all.every((v, i) => Object.is(v, x[i]))).toBe(true);
    };
    whole((src, dst, n) => kernels.softmax(src, dst, n, cols!, table, state));
    const labels = state + STATE_BYTES;
    const i32 = new Int32Array(buffer, labels, rows);
    for (const ignored of [null, 0, rows! - 1]) {
      i32.fill(1);
      if (ignored !== null) i32[ignored] = -100;
      whole((src, dst, n) => {
        const from = labels + (n === 1 ? (src - at) / cols! : 0);
        kernels.crossEntropy(src, from, 0, 0, dst, 0, 0, n, cols!, table, state, parameters);
      });
    }
  });
});
