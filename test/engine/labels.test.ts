import { describe, expect, it } from 'vitest';
import { Call } from '../../src/operation.js';
import { crossEntropyWithGradOp } from '../../src/ops/cross-entropy.js';
import { Area } from '../../src/wasm/area.js';
import type { Kernels } from '../../src/wasm/kernels.js';
import { compile } from '../../src/wasm/modules.js';
import { tiers } from '../tiers.js';

const IGNORED = -100;
const GUARD = 64;
const wasmTiers = tiers.filter(({ name }) => name !== 'scalar');

function withAt(array: Int32Array, at: number, value: number): Int32Array {
  return array.map((old, i) => (i === at ? value : old));
}

// Labels in memory that others see may change after they were checked: what the kernel reads it checks itself.
describe.each(wasmTiers)('labels that are no column, in the kernel, $name', ({ name }) => {
  const kernels = new WebAssembly.Instance(compile(name as 'simd' | 'relaxed')).exports as unknown as Kernels;
  const [at, labels, logits, results, losses] = [1024, 150_000, 160_000, 240_000, 320_000];
  kernels.memory.grow(8);
  const { buffer } = kernels.memory;
  const area = new Area(kernels, kernels.memory, at);
  const call = new Call(crossEntropyWithGradOp);
  call.parameters.push(1, 1, 1, 0, 0, IGNORED, 0);

  /** The bytes of the gradient, with what lies around it, and of the losses; their sum. */
  function run(targets: Int32Array, cols: number): unknown[] {
    const rows = targets.length;
    const x = Float32Array.from({ length: rows * cols }, (_, i) => 5 * Math.sin(i * i));
    new Int32Array(buffer, labels, rows).set(targets);
    new Float32Array(buffer, logits, x.length).set(x);
    const around = new Float32Array(buffer, results - 4 * GUARD, x.length + 2 * GUARD).fill(7);
    const rowLosses = new Float32Array(buffer, losses, rows + GUARD).fill(7);
    call.cols = cols;
    area.begin(call);
    area.run([logits, labels, 0, 0, results, losses, 0, 0], rows, 0);
    return [around.slice(), rowLosses.slice(), area.total];
  }

  it.each([1, 3, 10, 63, 64, 100])('are ignored, and nothing beside is written, %i columns', (cols) => {
    for (const rows of [1, 3, 4, 7, 16, 21]) {
      for (const wrong of [cols, cols + 1, -1, 2 ** 31 - 1, -(2 ** 31)]) {
        for (let r = 0; r < rows; r++) {
          const targets = Int32Array.from({ length: rows }, (_, i) => (3 * i) % cols);
          const want = run(withAt(targets, r, IGNORED), cols);
          expect(run(withAt(targets, r, wrong), cols)).toEqual(want);
          const around = want[0] as Float32Array;
          expect([...around.subarray(0, GUARD), ...around.subarray(-GUARD)].every((value) => value === 7)).toBe(true);
        }
      }
    }
  });
});
