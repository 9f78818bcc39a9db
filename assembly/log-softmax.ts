import { HALF, SLOPE } from './exp';
import { loadPart, storePart } from './lanes';
import { batchRows, scatter } from './narrow';
import { lane, LOG, log4, MAX, NARROW, STATE, X } from './state';
import { batchEnd, batchSize, sums, top } from './statistics';

/**
 * Row log-softmax: y[r,c] = (x[r,c] − m[r]) / T − log(Σ e / e_max); both terms are ≤ 0, so nothing cancels and no
 * result is > 0.
 *
 * x, y  f32[rows, cols], row-major, byte pointers; y == x is allowed. k, s as in softmax.
 */
export function logSoftmax(x: usize, y: usize, rows: u32, cols: u32, k: usize, s: usize): void {
  const rowBytes = (<usize>cols) << 2;
  const size = batchSize(cols);
  for (let r: u32 = 0; r < rows; r += size) {
    const lanes = min(size, rows - r);
    batchRows(r, lanes, s);
    top(x, cols, lanes, k, s);
    sums(x, 0, cols, lanes, k, s, 0);
    if (cols <= NARROW) {
      for (let q = s, end = batchEnd(lanes, s); q < end; q += STATE) {
        logColumns(cols, k, q);
        scatter(q + X, y, cols, q);
      }
    } else {
      for (let i: u32 = 0; i < lanes; i++) {
        const offset = <usize>(r + i) * rowBytes;
        rowLogSoftmax(x + offset, y + offset, cols, i, k, s);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function logProb(x: v128, half: v128, max: v128, slope: v128, log: v128): v128 {
  return f32x4.sub(f32x4.mul(f32x4.sub(f32x4.mul(x, half), max), slope), log);
}

function logColumns(cols: u32, k: usize, s: usize): void {
  const half = v128.load32_splat(k, HALF);
  const slope = v128.load32_splat(k, SLOPE);
  const max = f32x4.mul(v128.load(s, MAX), half);
  const log = log4(s);
  const end = s + ((<usize>cols) << 4);
  for (let c = s; c < end; c += 16) v128.store(c, logProb(v128.load(c, X), half, max, slope, log), X);
}

/** y = (x − MAX) / T − LOG over n elements of a row. */
export function rowLogSoftmax(x: usize, y: usize, n: u32, i: u32, k: usize, s: usize): void {
  const half = v128.load32_splat(k, HALF);
  const slope = v128.load32_splat(k, SLOPE);
  const max = f32x4.mul(v128.load32_splat(s + ((<usize>i) << 2), MAX), half);
  const log = f32x4.splat(<f32>lane(s, LOG, i));
  const end = x + ((<usize>n) << 2);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, logProb(v128.load(x), half, max, slope, log));
  if (x < end) {
    const count = (<u32>(end - x)) >> 2;
    storePart(y, logProb(loadPart(x, count), half, max, slope, log), count);
  }
}
