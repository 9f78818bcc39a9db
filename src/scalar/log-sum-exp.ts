import { EXP_SCALE, expTable } from './exp.js';
import { rowHasNaN, rowMaxIndex, rowRest } from './rows.js';

/**
 * Row log-sum-exp: y[r] = m[r] / T + log1p(rest), rest = Σ exp((x − m) / T) without the maximum's own 1.
 *
 * x  f32[rows, cols], row-major; y  f32[rows]; y == x is allowed when cols = 1.
 */
export function logSumExp(x: Float32Array, y: Float32Array, rows: number, cols: number, temperature: number): void {
  const c = EXP_SCALE / temperature;
  const inverse = 1 / temperature;
  const powers = expTable();
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    const at = rowMaxIndex(x, start, end);
    const m = x[at]!;
    y[r] =
      m - m === 0 ? m * inverse + Math.log1p(rowRest(x, start, end, at, c, powers)) : lseAtInfinity(x, start, end, m);
  }
}

/** The log-sum-exp of a row whose maximum m is infinite or NaN: NaN if the row has one, else m. */
export function lseAtInfinity(x: Float32Array, start: number, end: number, m: number): number {
  return rowHasNaN(x, start, end) ? NaN : m;
}
