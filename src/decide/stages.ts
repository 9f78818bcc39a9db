import { exp2, log1pOf } from './exp-log.js';
import { takePrefix } from './prefix.js';

/** What the stages after the penalties are asked for. */
export interface Stages {
  /** 0: the argmax of what is left. */
  readonly temperature: number;
  /** At least as many as there are columns where it is off. */
  readonly topK: number;
  readonly topP: number;
  /** log(minP), -Infinity where it is off. */
  readonly logMinP: number;
}

/**
 * The stages of sample and filterLogits on one row after the other, in float64: minP, topK and topP keep a prefix each of the
 * order of prefix.ts. `values` is the row after bias and penalties; what is left out becomes -Infinity there.
 */
export class StagedRow {
  /** v, not divided by the temperature: what order and ties go by. */
  readonly values: Float64Array;
  /** The largest v; NaN for a row without a result. */
  max = NaN;
  /** e^((v − max) / T) of what is left. */
  private readonly weights: Float64Array;
  private readonly candidates: Int32Array;
  private count = 0;

  constructor(cols: number) {
    this.values = new Float64Array(cols);
    this.weights = new Float64Array(cols);
    this.candidates = new Int32Array(cols);
  }

  /** Leaves in `values` what is kept; false for a row with a NaN or +Infinity, or with nothing left. */
  run(stages: Stages): boolean {
    if (!this.open()) return false;
    const { values, candidates } = this;
    const { temperature, topK, topP, logMinP } = stages;
    if (temperature === 0) this.count = takePrefix(candidates, this.count, values, null, 1);
    else {
      if (logMinP > -Infinity) this.takeFrom(this.max / temperature + logMinP, temperature);
      if (topK < this.count) this.count = takePrefix(candidates, this.count, values, null, topK);
      if (topP < 1) this.takeMass(topP, temperature);
    }
    this.close();
    return true;
  }

  /** The candidates: all that is not -Infinity. */
  private open(): boolean {
    const { values, candidates } = this;
    let max = -Infinity;
    let count = 0;
    this.max = NaN;
    for (let j = 0; j < values.length; j++) {
      const v = values[j]!;
      if (!(v < Infinity)) return false;
      if (v === -Infinity) continue;
      if (v > max) max = v;
      candidates[count++] = j;
    }
    if (count === 0) return false;
    this.max = max;
    this.count = count;
    return true;
  }

  /** minP. */
  private takeFrom(least: number, temperature: number): void {
    const { values, candidates } = this;
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      const j = candidates[i]!;
      if (values[j]! / temperature >= least) candidates[kept++] = j;
    }
    this.count = kept;
  }

  private takeMass(topP: number, temperature: number): void {
    const { values, candidates, weights, count } = this;
    let total = 0;
    for (let i = 0; i < count; i++) {
      const j = candidates[i]!;
      total += weights[j] = exp2((values[j]! - this.max) * (Math.LOG2E / temperature));
    }
    this.count = takePrefix(candidates, count, values, weights, topP * total);
  }

  /** -Infinity for all that is not kept. */
  private close(): void {
    const { values, candidates, count } = this;
    if (count === values.length) return;
    const kept = candidates.subarray(0, count).sort();
    for (let j = 0, i = 0; j < values.length; j++) {
      if (i < count && kept[i] === j) i++;
      else values[j] = -Infinity;
    }
  }

  /** The first index whose cumulative sum exceeds u · total, or the last one kept. */
  draw(u: number, temperature: number): number {
    const { values, weights } = this;
    // At temperature 0 one is kept, and weighs 1.
    const scale = temperature === 0 ? 1 : Math.LOG2E / temperature;
    let total = 0;
    for (let j = 0; j < values.length; j++) total += weights[j] = exp2((values[j]! - this.max) * scale);
    const goal = u * total;
    let sum = 0;
    let last = -1;
    for (let j = 0; j < values.length; j++) {
      const e = weights[j]!;
      if (e === 0) continue;
      sum += e;
      last = j;
      if (sum > goal) break;
    }
    return last;
  }

  /** log of what is drawn with, of index j; after `draw`. */
  logProbOf(j: number, temperature: number): number {
    if (temperature === 0) return 0;
    const { values, weights, max } = this;
    const top = values.indexOf(max);
    let rest = 0;
    for (let i = 0; i < values.length; i++) if (i !== top) rest += weights[i]!;
    return (values[j]! - max) / temperature - log1pOf(rest);
  }
}
