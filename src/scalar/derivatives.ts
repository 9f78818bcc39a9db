import { EXP_SCALE, exp, expTable } from './exp.js';
import { softmax } from './softmax.js';

/** e^l of a log-probability; those above 0 are no probabilities, but must not wrap. */
function expOf(l: number, powers: Float64Array): number {
  return l > 0 ? Math.exp(l) : exp(l * EXP_SCALE, powers);
}

/**
 * y = a (u − ⟨a,u⟩) · scale by row.
 *
 * a, u, y  f32[rows, cols], row-major; y == a or y == u is allowed.
 */
export function softmaxJvp(
  a: Float32Array,
  u: Float32Array,
  y: Float32Array,
  rows: number,
  cols: number,
  scale: number,
): void {
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    let dot = 0;
    for (let i = start; i < end; i++) dot += a[i]! * u[i]!;
    for (let i = start; i < end; i++) y[i] = a[i]! * (u[i]! - dot) * scale;
  }
}

/**
 * y = softmax(x / T), v = a (u − ⟨a,u⟩) / T with a = y.
 *
 * x, u, y, v  f32[rows, cols], row-major; y == x and v == u are allowed.
 */
export function softmaxWithJvp(
  x: Float32Array,
  u: Float32Array,
  y: Float32Array,
  v: Float32Array,
  rows: number,
  cols: number,
  temperature: number,
): void {
  softmax(x, y, rows, cols, temperature);
  softmaxJvp(y, u, v, rows, cols, 1 / temperature);
}

/**
 * y = u − ⟨exp(l),u⟩ by row.
 *
 * l, u, y  f32[rows, cols], row-major; y == l is allowed.
 */
export function logSoftmaxJvp(l: Float32Array, u: Float32Array, y: Float32Array, rows: number, cols: number): void {
  const powers = expTable();
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    let dot = 0;
    for (let i = start; i < end; i++) dot += expOf(l[i]!, powers) * u[i]!;
    for (let i = start; i < end; i++) y[i] = u[i]! - dot;
  }
}

/**
 * y = g − exp(l) Σg by row.
 *
 * l, g, y  f32[rows, cols], row-major; y == l is allowed.
 */
export function logSoftmaxVjp(l: Float32Array, g: Float32Array, y: Float32Array, rows: number, cols: number): void {
  const powers = expTable();
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    let sum = 0;
    for (let i = start; i < end; i++) sum += g[i]!;
    for (let i = start; i < end; i++) y[i] = g[i]! - expOf(l[i]!, powers) * sum;
  }
}

/**
 * y_ij = a_i (δ_ij − a_j) by row.
 *
 * a  f32[rows, cols], y  f32[rows, cols, cols], row-major; y == a is allowed when cols = 1.
 */
export function softmaxJacobian(a: Float32Array, y: Float32Array, rows: number, cols: number): void {
  for (let r = 0, start = 0, to = 0; r < rows; r++, start += cols) {
    for (let i = 0; i < cols; i++, to += cols) {
      const ai = a[start + i]!;
      // 0 − a_i a_j, not a_i (−a_j): two zeros give +0.
      for (let j = 0; j < cols; j++) y[to + j] = j === i ? ai * (1 - ai) : 0 - ai * a[start + j]!;
    }
  }
}
