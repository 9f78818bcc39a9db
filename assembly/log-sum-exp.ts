import { batchRows } from './narrow';
import { lseOf, STATE } from './state';
import { batchSize, sums, top } from './statistics';

/**
 * Row log-sum-exp: y[r] = m[r] / T + log1p(rest[r] / e_max[r]), rest being the sum without the max's own term.
 *
 * x     f32[rows, cols], y f32[rows]; y == x is allowed: a group is read before it is written.
 * k, s  the table of `constants`, and the state
 */
export function logSumExp(x: usize, y: usize, rows: u32, cols: u32, k: usize, s: usize): void {
  const size = batchSize(cols);
  for (let r: u32 = 0; r < rows; r += size) {
    const lanes = min(size, rows - r);
    batchRows(r, lanes, s);
    top(x, cols, lanes, k, s);
    sums(x, 0, cols, lanes, k, s, 0);
    for (let i: u32 = 0; i < lanes; i++) {
      f32.store(y + ((<usize>(r + i)) << 2), <f32>lseOf(k, s + <usize>(i >> 2) * STATE, i & 3));
    }
  }
}
