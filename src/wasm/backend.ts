import type { Backend, CrossEntropyTask } from '../backend.js';
import type { Tier } from '../types.js';
import { crossEntropy } from './cross-entropy.js';
import type { Kernels } from './kernels.js';
import { LinearMemory, LONGEST, SLOT_A, SLOT_B, STATE, TABLE, TABLE_ONE, tileRows } from './memory.js';
import { Stream } from './stream.js';

/**
 * The operations over WebAssembly. Each takes the same way: rows that fit are copied through the slots a tile at a
 * time, one kernel call a tile; operands that live in linear memory are not copied; rows longer than a slot are
 * streamed (stream.ts). What is chosen never changes a bit of the result.
 */
export class WasmBackend implements Backend {
  readonly tier: Tier;
  readonly kernels: Kernels;
  readonly memory: LinearMemory;
  private readonly stream: Stream;
  private temperature = 1;

  constructor(kernels: Kernels, tier: Tier, arenaBytes: number) {
    this.tier = tier;
    this.kernels = kernels;
    this.memory = new LinearMemory(kernels, arenaBytes);
    this.stream = new Stream(kernels, this.memory);
    kernels.constants(TABLE, 1);
    kernels.constants(TABLE_ONE, 1);
  }

  strays(array: Float32Array | Int32Array): boolean {
    return this.memory.strays(array);
  }

  /** Fills the table of constants for the temperature, unless it is the last one used. */
  useTemperature(temperature: number): void {
    if (temperature === this.temperature) return;
    this.kernels.constants(TABLE, temperature);
    this.temperature = temperature;
  }

  softmax(x: Float32Array, y: Float32Array, rows: number, cols: number, temperature: number): void {
    this.useTemperature(temperature);
    if (cols > LONGEST && !this.resident(x, y)) return this.stream.softmax(x, y, rows, cols);
    this.map(this.kernels.softmax, x, y, rows, cols);
  }

  logSoftmax(x: Float32Array, y: Float32Array, rows: number, cols: number, temperature: number): void {
    this.useTemperature(temperature);
    if (cols > LONGEST && !this.resident(x, y)) return this.stream.logSoftmax(x, y, rows, cols);
    this.map(this.kernels.logSoftmax, x, y, rows, cols);
  }

  /** An input and an output of the same shape. */
  private map(kernel: Kernels['softmax'], x: Float32Array, y: Float32Array, rows: number, cols: number): void {
    const { memory } = this;
    const xPtr = memory.pointer(x);
    const yPtr = memory.pointer(y);
    const step = xPtr && yPtr ? Math.max(rows, 1) : tileRows(cols);
    for (let r = 0; r < rows; r += step) {
      const n = Math.min(step, rows - r);
      const from = r * cols;
      if (!xPtr) memory.copyIn(x, from, n * cols, SLOT_A);
      kernel(xPtr ? xPtr + 4 * from : SLOT_A, yPtr ? yPtr + 4 * from : SLOT_A, n, cols, TABLE, STATE);
      if (!yPtr) memory.copyOut(SLOT_A, y, from, n * cols);
    }
  }

  logSumExp(x: Float32Array, y: Float32Array, rows: number, cols: number, temperature: number): void {
    const { kernels, memory } = this;
    this.useTemperature(temperature);
    const xPtr = memory.pointer(x);
    const yPtr = memory.pointer(y);
    if (cols > LONGEST && !this.resident(x, y)) return this.stream.logSumExp(x, y, rows, cols);
    const step = xPtr && yPtr ? Math.max(rows, 1) : tileRows(cols);
    for (let r = 0; r < rows; r += step) {
      const n = Math.min(step, rows - r);
      if (!xPtr) memory.copyIn(x, r * cols, n * cols, SLOT_A);
      const dst = yPtr ? yPtr + 4 * r : SLOT_B;
      kernels.logSumExp(xPtr ? xPtr + 4 * r * cols : SLOT_A, dst, n, cols, TABLE, STATE);
      if (!yPtr) memory.copyOut(SLOT_B, y, r, n);
    }
  }

  softmaxJvp(a: Float32Array, u: Float32Array, y: Float32Array, rows: number, cols: number): void {
    if (cols > LONGEST && !this.resident(a, u, y)) return this.stream.softmaxJvp(a, u, y, rows, cols);
    this.zip(this.kernels.softmaxJvp, a, u, y, rows, cols);
  }

  logSoftmaxJvp(l: Float32Array, u: Float32Array, y: Float32Array, rows: number, cols: number): void {
    if (cols > LONGEST && !this.resident(l, u, y)) return this.stream.logSoftmaxJvp(l, u, y, rows, cols);
    this.zip(this.kernels.logSoftmaxJvp, l, u, y, rows, cols);
  }

  logSoftmaxVjp(l: Float32Array, g: Float32Array, y: Float32Array, rows: number, cols: number): void {
    if (cols > LONGEST && !this.resident(l, g, y)) return this.stream.logSoftmaxVjp(l, g, y, rows, cols);
    this.zip(this.kernels.logSoftmaxVjp, l, g, y, rows, cols);
  }

  /** Whether all operands lie in linear memory, so that no row needs a slot. */
  private resident(...arrays: Float32Array[]): boolean {
    return arrays.every((array) => this.memory.pointer(array) !== 0);
  }

  /** Two inputs and an output of the same shape. */
  private zip(
    kernel: Kernels['softmaxJvp'],
    a: Float32Array,
    b: Float32Array,
    y: Float32Array,
    rows: number,
    cols: number,
  ): void {
    const { memory } = this;
    const aPtr = memory.pointer(a);
    const bPtr = memory.pointer(b);
    const yPtr = memory.pointer(y);
    const step = aPtr && bPtr && yPtr ? Math.max(rows, 1) : tileRows(cols);
    for (let r = 0; r < rows; r += step) {
      const n = Math.min(step, rows - r);
      const from = r * cols;
      if (!aPtr) memory.copyIn(a, from, n * cols, SLOT_A);
      if (!bPtr) memory.copyIn(b, from, n * cols, SLOT_B);
      const src = aPtr ? aPtr + 4 * from : SLOT_A;
      const dst = yPtr ? yPtr + 4 * from : SLOT_A;
      kernel(src, bPtr ? bPtr + 4 * from : SLOT_B, dst, n, cols, TABLE_ONE, STATE);
      if (!yPtr) memory.copyOut(SLOT_A, y, from, n * cols);
    }
  }

  softmaxWithJvp(
    x: Float32Array,
    u: Float32Array,
    y: Float32Array,
    v: Float32Array,
    rows: number,
    cols: number,
    temperature: number,
  ): void {
    const { kernels, memory } = this;
    this.useTemperature(temperature);
    const xPtr = memory.pointer(x);
    const uPtr = memory.pointer(u);
    const yPtr = memory.pointer(y);
    const vPtr = memory.pointer(v);
    if (cols > LONGEST && !this.resident(x, u, y, v)) return this.stream.softmaxWithJvp(x, u, y, v, rows, cols);
    const step = xPtr && uPtr && yPtr && vPtr ? Math.max(rows, 1) : tileRows(cols);
    for (let r = 0; r < rows; r += step) {
      const n = Math.min(step, rows - r);
      const from = r * cols;
      if (!xPtr) memory.copyIn(x, from, n * cols, SLOT_A);
      if (!uPtr) memory.copyIn(u, from, n * cols, SLOT_B);
      kernels.softmaxWithJvp(
        xPtr ? xPtr + 4 * from : SLOT_A,
        uPtr ? uPtr + 4 * from : SLOT_B,
        yPtr ? yPtr + 4 * from : SLOT_A,
        vPtr ? vPtr + 4 * from : SLOT_B,
        n,
        cols,
        TABLE,
        STATE,
      );
      if (!yPtr) memory.copyOut(SLOT_A, y, from, n * cols);
      if (!vPtr) memory.copyOut(SLOT_B, v, from, n * cols);
    }
  }

  softmaxJacobian(a: Float32Array, y: Float32Array, rows: number, cols: number): void {
    const { kernels, memory } = this;
    const aPtr = memory.pointer(a);
    const yPtr = memory.pointer(y);
    // A tile is some rows of one Jacobian. Rows beyond a slot never come here: their Jacobian fits no array.
    const step = yPtr ? cols : tileRows(cols);
    for (let r = 0; r < rows; r++) {
      if (!aPtr) memory.copyIn(a, r * cols, cols, SLOT_A);
      const src = aPtr ? aPtr + 4 * r * cols : SLOT_A;
      for (let i = 0; i < cols; i += step) {
        const to = Math.min(i + step, cols);
        const from = (r * cols + i) * cols;
        kernels.softmaxJacobian(src, yPtr ? yPtr + 4 * from : SLOT_B, cols, i, to);
        if (!yPtr) memory.copyOut(SLOT_B, y, from, (to - i) * cols);
      }
    }
  }

  crossEntropy(task: CrossEntropyTask): number {
    this.useTemperature(task.temperature);
    return crossEntropy(this.kernels, this.memory, this.stream, task);
  }
}
