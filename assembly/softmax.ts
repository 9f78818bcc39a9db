import { gather, groupDivide, groupExpSum, groupMax, groupRows, scatter } from './narrow';
import { rowExpSum, rowMax, rowScale, rowSum } from './rows';
import { E, NARROW, ready, REST, rowStart, X } from './state';

/**
 * Row softmax: y[r,c] = exp(x[r,c] / T − m[r]) / s[r].
 *
 * x, y  f32[rows, cols], row-major, byte pointers; y == x is allowed.
 * k, s  the table of `constants`, and the state
 */
export function softmax(x: usize, y: usize, rows: u32, cols: u32, k: usize, s: usize): void {
  if (cols <= NARROW) {
    for (let r: u32 = 0; r < rows; r += 4) {
      groupRows(r, rows - 1, s);
      gather(x, cols, s + X, s);
      groupMax(cols, k, s);
      groupExpSum(cols, k, s);
      groupDivide(cols, s);
      scatter(s + E, y, cols, s);
    }
    return;
  }
  const rowBytes = (<usize>cols) << 2;
  for (let r: u32 = 0; r < rows; r++) {
    rowStart(s);
    rowMax(x, cols, 0, s);
    ready(k, s);
    rowExpSum(x, y, cols, k, s);
    rowSum(s);
    rowScale(y, cols, 1 / f64.load(s, REST));
    x += rowBytes;
    y += rowBytes;
  }
}
