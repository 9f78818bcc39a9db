import type { Backend, CrossEntropyTask } from '../backend.js';
import type { Tier } from '../types.js';
import { crossEntropyJob, type Job, jobOf, type Operand } from './kinds.js';

/**
 * A backend that computes nothing: it keeps the one call that the operations have checked and made its outputs for. So
 * a pool's checks and their messages are those of the main entry, being the same code.
 */
export class Recorder implements Backend {
  readonly tier: Tier;
  readonly strays: (array: Operand) => boolean;
  #job: Job | null = null;

  constructor(tier: Tier, strays: (array: Operand) => boolean) {
    this.tier = tier;
    this.strays = strays;
  }

  take(): Job {
    const job = this.#job!;
    this.#job = null;
    return job;
  }

  softmax(x: Float32Array, y: Float32Array, rows: number, cols: number, temperature: number): void {
    this.#job = jobOf('softmax', rows, cols, [x, y], [temperature]);
  }
  logSoftmax(x: Float32Array, y: Float32Array, rows: number, cols: number, temperature: number): void {
    this.#job = jobOf('logSoftmax', rows, cols, [x, y], [temperature]);
  }
  logSumExp(x: Float32Array, y: Float32Array, rows: number, cols: number, temperature: number): void {
    this.#job = jobOf('logSumExp', rows, cols, [x, y], [temperature]);
  }
  softmaxJvp(a: Float32Array, u: Float32Array, y: Float32Array, rows: number, cols: number): void {
    this.#job = jobOf('softmaxJvp', rows, cols, [a, u, y], []);
  }
  logSoftmaxJvp(l: Float32Array, u: Float32Array, y: Float32Array, rows: number, cols: number): void {
    this.#job = jobOf('logSoftmaxJvp', rows, cols, [l, u, y], []);
  }
  logSoftmaxVjp(l: Float32Array, g: Float32Array, y: Float32Array, rows: number, cols: number): void {
    this.#job = jobOf('logSoftmaxVjp', rows, cols, [l, g, y], []);
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
    this.#job = jobOf('softmaxWithJvp', rows, cols, [x, u, y, v], [temperature]);
  }
  crossEntropy(task: CrossEntropyTask): number {
    this.#job = crossEntropyJob(task);
    return 0;
  }
  softmaxJacobian(): never {
    throw new Error('a pool has no softmaxJacobian');
  }
}
