import type { CrossEntropyTask } from '../backend.js';
import { FACTOR, type Kernels, LABEL, LABEL_E, LOGIT, LOSS, MAX, REST, WEIGHT } from './kernels.js';
import { type LinearMemory, PARAMETERS, SLOT_A, SLOT_B, STATE, TABLE, TABLE_ONE, WEIGHTS } from './memory.js';

/** Elements of a tile of a long row: a multiple of 512, so that its passes group elements as those of a whole row. */
const TILE = 16384;

/**
 * Rows too long for a slot: each pass of the kernels goes over the row tile by tile, the state standing in for the
 * row. The same bits as a row in linear memory, at five copies instead of two.
 */
export class Stream {
  constructor(
    private readonly kernels: Kernels,
    private readonly memory: LinearMemory,
  ) {}

  softmax(x: Float32Array, y: Float32Array, rows: number, cols: number): void {
    for (let r = 0; r < rows; r++) this.softmaxRow(x, y, r * cols, cols);
  }

  private softmaxRow(x: Float32Array, y: Float32Array, from: number, cols: number): void {
    const { kernels, memory } = this;
    this.top(x, from, cols);
    this.map(x, y, from, cols, (src, dst, n) => kernels.rowExpSum(src, dst, n, 0, TABLE, STATE));
    kernels.rowSum(STATE);
    const factor = 1 / memory.f64[(STATE + REST) >> 3]!;
    this.map(y, y, from, cols, (_src, dst, n) => kernels.rowScale(dst, n, factor));
  }

  logSoftmax(x: Float32Array, y: Float32Array, rows: number, cols: number): void {
    const { kernels } = this;
    for (let r = 0; r < rows; r++) {
      this.top(x, r * cols, cols);
      this.sums(x, null, r * cols, cols);
      this.map(x, y, r * cols, cols, (src, dst, n) => kernels.rowLogSoftmax(src, dst, n, 0, TABLE, STATE));
    }
  }

  logSumExp(x: Float32Array, y: Float32Array, rows: number, cols: number): void {
    for (let r = 0; r < rows; r++) {
      this.top(x, r * cols, cols);
      this.sums(x, null, r * cols, cols);
      y[r] = this.kernels.lseOf(TABLE, STATE, 0);
    }
  }

  softmaxJvp(a: Float32Array, u: Float32Array, y: Float32Array, rows: number, cols: number): void {
    for (let r = 0; r < rows; r++) this.jvpRow(a, u, y, r * cols, cols, TABLE_ONE);
  }

  private jvpRow(a: Float32Array, u: Float32Array, y: Float32Array, from: number, cols: number, k: number): void {
    const { kernels } = this;
    kernels.rowStart(STATE);
    this.read2(a, u, from, cols, (p, q, n) => kernels.rowDot(p, q, n, STATE));
    this.map2(a, u, y, from, cols, (p, q, dst, n) => kernels.rowJvp(p, q, dst, n, k, STATE));
  }

  logSoftmaxJvp(l: Float32Array, u: Float32Array, y: Float32Array, rows: number, cols: number): void {
    const { kernels } = this;
    for (let r = 0; r < rows; r++) {
      kernels.rowStart(STATE);
      this.read2(l, u, r * cols, cols, (p, q, n) => kernels.rowExpDot(p, q, n, TABLE_ONE, STATE));
      this.map(u, y, r * cols, cols, (src, dst, n) => kernels.rowMinus(src, dst, n, STATE));
    }
  }

  logSoftmaxVjp(l: Float32Array, g: Float32Array, y: Float32Array, rows: number, cols: number): void {
    const { kernels } = this;
    for (let r = 0; r < rows; r++) {
      kernels.rowStart(STATE);
      this.read(g, r * cols, cols, (p, n) => kernels.rowTotal(p, n, STATE));
      this.map2(l, g, y, r * cols, cols, (p, q, dst, n) => kernels.rowLogVjp(p, q, dst, n, TABLE_ONE, STATE));
    }
  }

  softmaxWithJvp(x: Float32Array, u: Float32Array, y: Float32Array, v: Float32Array, rows: number, cols: number): void {
    for (let r = 0; r < rows; r++) {
      this.softmaxRow(x, y, r * cols, cols);
      this.jvpRow(y, u, v, r * cols, cols, TABLE);
    }
  }

  /** As the kernel of this name, row by row; returns the sum of the f32 row losses. */
  crossEntropy(task: CrossEntropyTask): number {
    const { dlogits, rows, cols, targets, ignoreIndex, classWeights, losses, lse } = task;
    const { kernels, memory } = this;
    const labels = task.indices ? (targets as Int32Array) : null;
    let sum = 0;
    for (let r = 0; r < rows; r++) {
      const label = labels ? labels[r] : -1;
      if (labels && (label === ignoreIndex || !(label >= 0 && label < cols))) {
        dlogits?.fill(0, r * cols, (r + 1) * cols);
        if (losses) losses[r] = 0;
        if (lse) lse[r] = 0;
        continue;
      }
      const probs = labels ? null : (targets as Float32Array);
      const logit = labels ? task.logits[r * cols + label] : 0; // in place it is about to be overwritten
      this.lossRow(task, probs, dlogits, r * cols);
      memory.f32[(STATE + LOGIT) >> 2] = logit;
      memory.f32[(STATE + LABEL_E) >> 2] = labels && dlogits ? dlogits[r * cols + label] : 0;
      memory.f32[(STATE + WEIGHT) >> 2] = labels && classWeights ? classWeights[label] : 1;
      kernels.groupLoss(labels ? 1 : 0, 1, TABLE, STATE, PARAMETERS);
      const loss = Math.fround(memory.f64[(STATE + LOSS) >> 3]);
      sum += loss;
      if (losses) losses[r] = loss;
      if (lse) lse[r] = kernels.lseOf(TABLE, STATE, 0);
      if (!dlogits) continue;
      this.gradientRow(task, probs, dlogits, r * cols);
      if (labels) dlogits[r * cols + label] = memory.f64[(STATE + LABEL) >> 3];
    }
    return sum;
  }

  private lossRow(
    task: CrossEntropyTask,
    probs: Float32Array | null,
    dlogits: Float32Array | null,
    from: number,
  ): void {
    const { kernels } = this;
    const { logits, cols } = task;
    this.top(logits, from, cols);
    if (isDense(task, probs)) {
      for (let at = 0; at < cols; at += TILE) {
        const n = Math.min(TILE, cols - at);
        const x = this.in(logits, from + at, n, SLOT_A);
        const t = probs ? this.in(probs, from + at, n, SLOT_B) : 0;
        const w = task.classWeights ? this.in(task.classWeights, at, n, WEIGHTS) : 0;
        kernels.rowTau(x, t, w, n, 0, STATE, PARAMETERS);
      }
      kernels.tauDone(0, STATE);
    }
    this.sums(logits, dlogits, from, cols);
  }

  private gradientRow(task: CrossEntropyTask, probs: Float32Array | null, dlogits: Float32Array, from: number): void {
    const { kernels, memory } = this;
    const factor = memory.f64[(STATE + FACTOR) >> 3];
    const dense = isDense(task, probs);
    for (let at = 0; at < task.cols; at += TILE) {
      const n = Math.min(TILE, task.cols - at);
      const y = this.in(dlogits, from + at, n, SLOT_A);
      if (dense) {
        const t = probs ? this.in(probs, from + at, n, SLOT_B) : 0;
        const w = task.classWeights ? this.in(task.classWeights, at, n, WEIGHTS) : 0;
        kernels.rowMinusTau(y, t, w, n, 0, TABLE, STATE, PARAMETERS);
      } else kernels.rowScale(y, n, factor);
      this.out(dlogits, from + at, n, SLOT_A);
    }
  }

  private top(x: Float32Array, from: number, cols: number): void {
    const { kernels, memory } = this;
    kernels.rowStart(STATE);
    this.read(x, from, cols, (p, n) => kernels.rowMax(p, n, 0, STATE));
    kernels.ready(TABLE, STATE);
    if (Math.abs(memory.f32[(STATE + MAX) >> 2]) === Infinity) {
      this.read(x, from, cols, (p, n) => kernels.rowEdge(p, n, 0, STATE));
    }
  }

  /** The sums without the max, and e to y unless that is null. */
  private sums(x: Float32Array, y: Float32Array | null, from: number, cols: number): void {
    const { kernels } = this;
    kernels.maxExp(TABLE, STATE);
    if (y) this.map(x, y, from, cols, (src, dst, n) => kernels.rowRest(src, dst, n, 0, TABLE, STATE));
    else this.read(x, from, cols, (src, n) => kernels.rowRest(src, 0, n, 0, TABLE, STATE));
    kernels.rowSum(STATE);
    kernels.finish(TABLE, STATE, 1);
  }

  private in(array: Float32Array, from: number, n: number, slot: number): number {
    const pointer = this.memory.pointer(array);
    if (pointer) return pointer + 4 * from;
    this.memory.copyIn(array, from, n, slot);
    return slot;
  }

  private out(array: Float32Array, from: number, n: number, slot: number): void {
    if (!this.memory.pointer(array)) this.memory.copyOut(slot, array, from, n);
  }

  private read(x: Float32Array, from: number, cols: number, pass: (x: number, n: number, at: number) => void): void {
    for (let at = 0; at < cols; at += TILE) {
      const n = Math.min(TILE, cols - at);
      pass(this.in(x, from + at, n, SLOT_A), n, at);
    }
  }

  private read2(
    a: Float32Array,
    b: Float32Array,
    from: number,
    cols: number,
    pass: (a: number, b: number, n: number) => void,
  ): void {
    this.read(a, from, cols, (p, n, at) => pass(p, this.in(b, from + at, n, SLOT_B), n));
  }

  private map(
    x: Float32Array,
    y: Float32Array,
    from: number,
    cols: number,
    pass: (x: number, y: number, n: number, at: number) => void,
  ): void {
    const yPtr = this.memory.pointer(y);
    this.read(x, from, cols, (src, n, at) => {
      pass(src, yPtr ? yPtr + 4 * (from + at) : SLOT_A, n, at);
      this.out(y, from + at, n, SLOT_A);
    });
  }

  private map2(
    a: Float32Array,
    b: Float32Array,
    y: Float32Array,
    from: number,
    cols: number,
    pass: (a: number, b: number, y: number, n: number) => void,
  ): void {
    this.map(a, y, from, cols, (p, dst, n, at) => pass(p, this.in(b, from + at, n, SLOT_B), dst, n));
  }
}

function isDense(task: CrossEntropyTask, probs: Float32Array | null): boolean {
  return probs !== null || task.labelSmoothing !== 0;
}
