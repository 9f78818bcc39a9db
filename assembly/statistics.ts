import { gather, groupMax, groupRest } from './narrow';
import { rowEdge, rowMax, rowRest, rowSum } from './rows';
import { finish, MAX, NARROW, ready, ROWS, rowStart, X } from './state';

/**
 * What log-sum-exp, log-softmax and cross-entropy need of the rows named in ROWS (four narrow ones, or a wide one), in
 * two steps, because cross-entropy in place reads x once more between them.
 */

/** The max, and what follows from it. Narrow rows leave their columns at s + X. */
export function top(x: usize, cols: u32, k: usize, s: usize): void {
  rowStart(s);
  if (cols <= NARROW) {
    gather(x, cols, s + X, s);
    groupMax(cols, k, s);
    return;
  }
  x += <usize>i32.load(s, ROWS) * ((<usize>cols) << 2);
  rowMax(x, cols, 0, s);
  ready(k, s);
  if (abs(f32.load(s, MAX)) == Infinity) rowEdge(x, cols, s);
}

/**
 * Σ e with and without the max, and its logarithm. Narrow rows leave e as columns at s + E; a wide row writes it to its
 * place in y, unless y is 0.
 */
export function sums(x: usize, y: usize, cols: u32, k: usize, s: usize): void {
  if (cols <= NARROW) {
    groupRest(cols, k, s);
    finish(k, s, 2);
    return;
  }
  const offset = <usize>i32.load(s, ROWS) * ((<usize>cols) << 2);
  rowRest(x + offset, y ? y + offset : 0, cols, 0, k, s);
  rowSum(s);
  finish(k, s, 1);
}
