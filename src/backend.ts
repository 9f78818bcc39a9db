import type { Tier } from './types.js';

/**
 * What an engine computes with: one implementation over WebAssembly (src/wasm), one in TypeScript (src/scalar).
 *
 * Arguments have been checked: lengths fit, outputs are the first input itself or share no byte with any input,
 * class indices lie in [0, cols) or are the ignored one, `temperature` lies in [2^-16, 2^16]. `rows` may be 0.
 * Everything is row-major; arrays may be any Float32Array (any offset, shared or resizable buffers).
 */
export interface Backend {
  readonly tier: Tier;

  /** True for a view on this backend's linear memory that does not lie inside one live array of its arena. */
  strays(array: Float32Array | Int32Array): boolean;

  /** y[r] = softmax(x[r] / temperature); y may be x. */
  softmax(x: Float32Array, y: Float32Array, rows: number, cols: number, temperature: number): void;
  /** y[r] = logSoftmax(x[r] / temperature); y may be x. */
  logSoftmax(x: Float32Array, y: Float32Array, rows: number, cols: number, temperature: number): void;
  /** y: f32[rows] = logSumExp(x[r] / temperature); y may be x when cols = 1. */
  logSumExp(x: Float32Array, y: Float32Array, rows: number, cols: number, temperature: number): void;
  /** y = a (u − ⟨a,u⟩) by row; y may be a. */
  softmaxJvp(a: Float32Array, u: Float32Array, y: Float32Array, rows: number, cols: number): void;
  /** y = u − ⟨exp(l),u⟩ by row; y may be l. */
  logSoftmaxJvp(l: Float32Array, u: Float32Array, y: Float32Array, rows: number, cols: number): void;
  /** y = g − exp(l) Σg by row; y may be l. */
  logSoftmaxVjp(l: Float32Array, g: Float32Array, y: Float32Array, rows: number, cols: number): void;
  /** y: f32[rows, cols, cols], y_ij = a_i (δ_ij − a_j); y may be a when cols = 1. */
  softmaxJacobian(a: Float32Array, y: Float32Array, rows: number, cols: number): void;
  /** y = softmax(x / T), v = a (u − ⟨a,u⟩) / T with a = y; y may be x, v may be u. */
  softmaxWithJvp(
    x: Float32Array,
    u: Float32Array,
    y: Float32Array,
    v: Float32Array,
    rows: number,
    cols: number,
    temperature: number,
  ): void;
  /** Writes what the task names; returns the float64 sum in row order of the f32 row losses (0 when there are none). */
  crossEntropy(task: CrossEntropyTask): number;
}

/** One checked call of cross-entropy. The outputs that are null are not wanted. */
export interface CrossEntropyTask {
  logits: Float32Array;
  /** Int32Array[rows]: class indices. Float32Array[rows, cols]: probabilities. */
  targets: Int32Array | Float32Array;
  /** True for class indices: an array of another realm fails `instanceof`. */
  indices: boolean;
  rows: number;
  cols: number;
  temperature: number;
  /** An int32, -1 when it matches no target; not read with probability targets. */
  ignoreIndex: number;
  labelSmoothing: number;
  classWeights: Float32Array | null;
  zLoss: number;
  /** Multiplies each row's loss before it is rounded to f32. */
  lossScale: number;
  /** Multiplies dlogits: `scale`, over the divisor for 'mean'. Calls that keep no row do not get here. */
  gradScale: number;
  /** f32[rows, cols] or null; may be logits. */
  dlogits: Float32Array | null;
  /** f32[rows] or null. */
  losses: Float32Array | null;
  /** f32[rows] or null. */
  lse: Float32Array | null;
}

/** Hands out the arrays of `alloc`, zero-filled and 16-byte aligned, under a fixed account of bytes. */
export interface Arena {
  alloc(length: number): Float32Array<ArrayBuffer>;
  allocInt32(length: number): Int32Array<ArrayBuffer>;
  free(array: Float32Array | Int32Array): void;
}
