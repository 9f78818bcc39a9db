import { gather, groupDivide, groupExpSum, groupMax, groupRows, scatter } from './narrow';
import { rowExpSum, rowMax, rowScale, rowSum } from './rows';
import { E, GROUPS, groupSize, lane, NARROW, ready, REST, rowStart, STATE, X } from './state';

/**
 * Row softmax: y[r,c] = exp(x[r,c] / T − m[r]) / s[r].
 *
 * x, y  f32[rows, cols], row-major, byte pointers; y == x is allowed.
 * k, s  the table of `constants`, and the state
 */
export function softmax(x: usize, y: usize, rows: u32, cols: u32, k: usize, s: usize): void {
  if (cols <= NARROW) {
    // Several groups go through each pass together: one alone is a chain of dependent steps from end to end.
    for (let r: u32 = 0; r < rows; r += 4 * GROUPS) {
      const count = (min(4 * GROUPS, rows - r) + 3) >> 2;
      const end = s + <usize>count * STATE;
      for (let q = s, i = r; q < end; q += STATE, i += 4) {
        groupRows(i, rows - 1, q);
        gather(x, cols, q + X, q);
      }
      for (let q = s; q < end; q += STATE) groupMax(cols, k, q);
      for (let q = s; q < end; q += STATE) groupExpSum(cols, false, k, q);
      for (let q = s; q < end; q += STATE) groupDivide(cols, q);
      for (let q = s; q < end; q += STATE) scatter(q + E, y, cols, q);
    }
    return;
  }
  const rowBytes = (<usize>cols) << 2;
  const size = groupSize(cols);
  for (let r: u32 = 0; r < rows; r += size) {
    const lanes = min(size, rows - r);
    rowStart(s);
    for (let i: u32 = 0; i < lanes; i++) rowMax(x + <usize>i * rowBytes, cols, i, s);
    ready(k, s);
    for (let i: u32 = 0; i < lanes; i++, x += rowBytes) rowExpSum(x, y + <usize>i * rowBytes, cols, i, k, s);
    rowSum(s);
    for (let i: u32 = 0; i < lanes; i++, y += rowBytes) rowScale(y, cols, 1 / lane(s, REST, i));
  }
}
