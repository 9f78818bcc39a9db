import { describe, expect, it } from 'vitest';
import { Call } from '../../src/operation.js';
import { crossEntropyGradOp } from '../../src/ops/cross-entropy.js';
import { softmaxOp } from '../../src/ops/softmax.js';
import { Area } from '../../src/wasm/area.js';
import type { Kernels } from '../../src/wasm/kernels.js';
import { compile } from '../../src/wasm/modules.js';
import { tiers } from '../tiers.js';

const wasmTiers = tiers.filter(({ name }) => name !== 'scalar');

// What the kernels compute next they load ahead of time: never beyond the last row.
describe.each(wasmTiers)('rows that end where the memory ends, $name', ({ name }) => {
  const kernels = new WebAssembly.Instance(compile(name as 'simd' | 'relaxed')).exports as unknown as Kernels;
  const [at, labels, results] = [1024, 32_768, 65_536];
  kernels.memory.grow(15);
  const { buffer } = kernels.memory;
  const area = new Area(kernels, kernels.memory, at);

  /** One call on operands at these places. */
  function run(call: Call, pointers: number[], rows: number, cols: number): void {
    call.cols = cols;
    area.begin(call);
    area.run(pointers, rows, 0);
  }
  const softmax = new Call(softmaxOp);
  const gradient = new Call(crossEntropyGradOp);
  gradient.parameters.push(1, 1, 1, 0, 0, -100, 0);

  const shapes = [1000, 3072, 4000, 20_000].flatMap((cols) => [1, 2, 3, 4, 5, 7, 8, 9].map((rows) => [rows, cols]));
  it.each(shapes.filter(([rows, cols]) => rows! * cols! <= 100_000))('%i rows of %i', (rows, cols) => {
    const logits = Float32Array.from({ length: rows! * cols! }, (_, i) => 5 * Math.sin(i * i));
    const from = buffer.byteLength - logits.byteLength;
    const x = new Float32Array(buffer, from, logits.length);
    const y = new Float32Array(buffer, results, logits.length);
    const whole = (compute: (src: number, dst: number, n: number) => void) => {
      x.set(logits);
      compute(from, results, rows!);
      const all = y.slice();
      for (let r = 0; r < rows!; r++) compute(from + 4 * r * cols!, results + 4 * r * cols!, 1);
      expect(all.every((v, i) => Object.is(v, y[i]))).toBe(true);
      compute(from, from, rows!);
      expect(all.every((v, i) => Object.is(v, x[i]))).toBe(true);
    };
    whole((src, dst, n) => run(softmax, [src, dst], n, cols!));
    const i32 = new Int32Array(buffer, labels, rows);
    for (const ignored of [null, 0, rows! - 1]) {
      i32.fill(1);
      if (ignored !== null) i32[ignored] = -100;
      whole((src, dst, n) => {
        const first = labels + (n === 1 ? (src - from) / cols! : 0);
        run(gradient, [src, first, 0, 0, dst, 0, 0], n, cols!);
      });
    }
  });
});
