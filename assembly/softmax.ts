import { batchRows, gather, groupDivide, groupExpSum, groupMax, scatter } from './narrow';
import { rowExpSum, rowMax, rowScale, rowSum } from './rows';
import { E, lane, NARROW, ready, REST, rowStart, STATE, X } from './state';
import { batchAhead, batchEnd, batchSize } from './statistics';

/**
 * Row softmax: y[r,c] = exp(x[r,c] / T − m[r]) / s[r].
 *
 * x, y  f32[rows, cols], row-major, byte pointers; y == x is allowed.
 * k, s  the table of `constants`, and the state
 */
export function softmax(x: usize, y: usize, rows: u32, cols: u32, k: usize, s: usize): void {
  const rowBytes = (<usize>cols) << 2;
  const size = batchSize(cols);
  for (let r: u32 = 0; r < rows; r += size) {
    const lanes = min(size, rows - r);
    if (cols <= NARROW) {
      const end = batchEnd(lanes, s);
      batchRows(r, lanes, s);
      for (let q = s; q < end; q += STATE) gather(x, cols, q + X, q);
      for (let q = s; q < end; q += STATE) groupMax(cols, k, q);
      for (let q = s; q < end; q += STATE) groupExpSum(cols, false, k, q);
      for (let q = s; q < end; q += STATE) groupDivide(cols, q);
      for (let q = s; q < end; q += STATE) scatter(q + E, y, cols, q);
      continue;
    }
    rowStart(s);
    for (let i: u32 = 0; i < lanes; i++) rowMax(x + <usize>i * rowBytes, cols, i, s);
    ready(k, s);
    const ahead = batchAhead(r, rows, cols);
    for (let i: u32 = 0; i < lanes; i++, x += rowBytes) rowExpSum(x, y + <usize>i * rowBytes, cols, i, k, s, ahead);
    rowSum(s);
    for (let i: u32 = 0; i < lanes; i++, y += rowBytes) rowScale(y, cols, 1 / lane(s, REST, i));
  }
}
