import { EXP_SCALE, expTable } from './exp.js';
import { rowMaxIndex, rowRest } from './rows.js';

/**
 * Row log-softmax: y[r,c] = (x[r,c] − m[r]) / T − log1p(rest), rest = Σ exp((x − m) / T) without the maximum's own 1.
 *
 * x, y  f32[rows, cols], row-major; y == x is allowed.
 */
export function logSoftmax(x: Float32Array, y: Float32Array, rows: number, cols: number, temperature: number): void {
  const c = EXP_SCALE / temperature;
  const inverse = 1 / temperature;
  const powers = expTable();
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    const at = rowMaxIndex(x, start, end);
    const m = x[at]!;
    const log = Math.log1p(rowRest(x, start, end, at, c, powers));
    for (let i = start; i < end; i++) y[i] = (x[i]! - m) * inverse - log;
  }
}
