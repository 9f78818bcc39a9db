import { gather, groupExpSum, groupMax } from './narrow';
import { rowEdge, rowMax, rowRest, rowSum } from './rows';
import { finish, GROUPS, MAX, maxExp, NARROW, ready, ROWS, rowStart, SHORT, STATE, X } from './state';

/**
 * What log-sum-exp, log-softmax and cross-entropy need of the rows named in ROWS, in two steps, because cross-entropy in
 * place reads x once more between them. `lanes` of them are rows of their own; in a narrow group the others repeat one.
 */

/** How many rows go through each pass together: several groups where they are narrow, one chain of dependent steps each. */
export function batchSize(cols: u32): u32 {
  return cols <= NARROW ? 4 * GROUPS : cols <= SHORT ? 4 : 1;
}

/**
 * Bytes from a row of the batch that begins at row r to that of the next batch; 0 where that is no whole one, or where
 * batches are so small (12 KiB) that the processor fetches ahead of them by itself, and better.
 */
export function batchAhead(r: u32, rows: u32, cols: u32): usize {
  const size = batchSize(cols);
  const elements = <usize>size * cols;
  return elements < 3072 || rows - r < 2 * size ? 0 : elements << 2;
}

/** The state after that of the last group of `lanes` rows. */
// @ts-ignore: decorator
@inline
export function batchEnd(lanes: u32, s: usize): usize {
  return s + <usize>((lanes + 3) >> 2) * STATE;
}

/** The max, and what follows from it. Narrow rows leave their columns at s + X. */
export function top(x: usize, cols: u32, lanes: u32, k: usize, s: usize): void {
  const end = batchEnd(lanes, s);
  if (cols <= NARROW) {
    for (let q = s; q < end; q += STATE) {
      rowStart(q);
      gather(x, cols, q + X, q);
    }
    for (let q = s; q < end; q += STATE) groupMax(cols, k, q);
    for (let q = s; q < end; q += STATE) maxExp(k, q);
    return;
  }
  rowStart(s);
  for (let i: u32 = 0; i < lanes; i++) rowMax(rowAt(x, cols, i, s), cols, i, s);
  ready(k, s);
  maxExp(k, s);
  for (let i: u32 = 0; i < lanes; i++) {
    if (abs(f32.load(s + ((<usize>i) << 2), MAX)) == Infinity) rowEdge(rowAt(x, cols, i, s), cols, i, s);
  }
}

/**
 * Σ e with and without the max, and its logarithm. Narrow rows leave e as columns at s + E; a wide row writes it to its
 * place in y, unless y is 0.
 */
export function sums(x: usize, y: usize, cols: u32, lanes: u32, k: usize, s: usize, ahead: usize): void {
  const end = batchEnd(lanes, s);
  if (cols <= NARROW) {
    for (let q = s; q < end; q += STATE) groupExpSum(cols, true, k, q);
  } else {
    for (let i: u32 = 0; i < lanes; i++) {
      rowRest(rowAt(x, cols, i, s), y ? rowAt(y, cols, i, s) : 0, cols, i, k, s, ahead);
    }
    rowSum(s);
  }
  finish(k, s, cols <= NARROW ? ((lanes + 3) >> 2) << 1 : (lanes + 1) >> 1);
}

/** Where the row of lane i begins in f32[rows, cols] at p. */
// @ts-ignore: decorator
@inline
export function rowAt(p: usize, cols: u32, i: u32, s: usize): usize {
  return p + <usize>i32.load(s + ((<usize>i) << 2), ROWS) * ((<usize>cols) << 2);
}
