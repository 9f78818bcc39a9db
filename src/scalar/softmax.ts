import { EXP_SCALE, expTable } from './exp.js';
import { rowExpRest, rowMaxIndex, rowScale } from './rows.js';

/**
 * Row softmax: y[r,c] = exp((x[r,c] − m[r]) / T) / Σ.
 *
 * x, y  f32[rows, cols], row-major; y == x is allowed.
 */
export function softmax(x: Float32Array, y: Float32Array, rows: number, cols: number, temperature: number): void {
  const c = EXP_SCALE / temperature;
  const powers = expTable();
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    const at = rowMaxIndex(x, start, end);
    const rest = rowExpRest(x, y, start, end, at, c, powers);
    rowScale(y, start, end, 1 / (1 + rest));
  }
}
