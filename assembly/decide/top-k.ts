import { Plain } from '../call';
import { keep, maxima } from './blocks';
import { bound, gather, keepFirst, list, takePrefix } from './candidates';
import { keepMost } from './counts';
import { NOTHING, valueOf } from './keys';
import { order } from './order';
import { ALL, open, Scratch } from './scratch';
import { MOST, SHORT } from './stages';

/**
 * The k largest of each row, largest first, equals by the lower index; -1 and NaN for a row with a NaN.
 *
 * x  f32[rows, cols], values  f32[rows, k], as given; columns  i32[rows, k]; byte pointers. The first parameter is k, from 1
 * to cols.
 */
@unmanaged
class TopK extends Plain {
  x: usize;
  values: usize;
  columns: usize;
}

export function topK(call: TopK): void {
  const s = changetype<Scratch>(call.scratch);
  const k = <u32>f64x2.extract_lane(call.p01, 0);
  for (let r: u32 = 0; r < call.rows; r++) {
    const at = (<usize>r * k) << 2;
    open(s, call.x + <usize>r * call.rowBytes, call.cols);
    topOf(s, k, call.values + at, call.columns + at);
  }
}

function topOf(s: Scratch, k: u32, values: usize, columns: usize): void {
  if (!maxima(s)) {
    for (let i: u32 = 0; i < k; i++) put(i, NaN, -1, values, columns);
    return;
  }
  keep(s, NOTHING, ALL);
  if (k <= MOST || s.cols <= SHORT) {
    gather(s, k < s.cols ? bound(s, k, NOTHING) : NOTHING, i64.MAX_VALUE, k <= MOST ? k : 0);
    if (s.count > k) {
      list(s);
      keepFirst(s, takePrefix(s, s.count, false, <f64>k));
    }
    for (let i: u32 = 0; i < k; i++) put(i, <f32>s.score(i), s.candidate(i), values, columns);
  } else {
    keepMost(s, k);
    collect(s, values, columns);
  }
  order(values, columns, k);
  // As given: a candidate of -0 is 0.
  for (let i: usize = 0; i < (<usize>k) << 2; i += 4) {
    store<f32>(values + i, load<f32>(s.x + ((<usize>load<u32>(columns + i)) << 2)));
  }
}

// @ts-ignore: decorator
@inline
function put(i: u32, value: f32, column: i32, values: usize, columns: usize): void {
  store<f32>(values + ((<usize>i) << 2), value);
  store<i32>(columns + ((<usize>i) << 2), column);
}

/** What is kept of the row. */
function collect(s: Scratch, values: usize, columns: usize): void {
  const least = <f32>valueOf(s.least);
  let kept: u32 = 0;
  for (let column: u32 = 0; column < s.cols; column++) {
    const v = load<f32>(s.x + ((<usize>column) << 2));
    if (v > least || (v == least && column <= s.tie)) put(kept++, v, column, values, columns);
  }
}
