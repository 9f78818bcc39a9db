import { expVectors } from './exp';
import { hmax, loadPartOr, promoteHigh, storePart } from './lanes';
import { rowEdge } from './rows';
import { State } from './state';
import { ready } from './statistics';
import { Table } from './table';

/**
 * A narrow row alone: the only one, or the one left over after the groups of four. As one lane of a group it would cost as
 * much as four, so it lies along its columns, four of them a vector, -Infinity after its end. Its results are the bits of a
 * group: the elements' arithmetic knows no lanes, and its e are summed one after the other, as a lane's are. What is one a
 * row stands in all four lanes of the statistics.
 */

/** Elements of its columns, those after its end too. */
// @ts-ignore: decorator
@inline
export function aloneWidth(cols: u32): u32 {
  return (cols + 3) & ~3;
}

/** The row at x to the columns, its max, what follows from it, and its edge. */
export function aloneMax(x: usize, cols: u32, k: Table, s: State): void {
  let m = f32x4.splat(-Infinity);
  let c = s.x;
  const part = cols & 3;
  for (const end = c + ((<usize>(cols - part)) << 2); c < end; c += 16, x += 16) {
    const v = v128.load(x);
    v128.store(c, v);
    m = f32x4.pmax(m, v);
  }
  if (part) {
    const v = loadPartOr(x, part, f32x4.splat(-Infinity));
    v128.store(c, v);
    m = f32x4.pmax(m, v);
  }
  m = hmax(m);
  s.max = m;
  ready(k, s);
  rowEdge(s.x, cols, 0, s);
}

/** e, and the rest = Σ e; if `others`, without those of the max, in `count` as in columnsExpSum. */
export function aloneExpSum(cols: u32, others: bool, k: Table, s: State): void {
  const bytes = (<usize>aloneWidth(cols)) << 2;
  expVectors(s.x, s.e, bytes, s.shift, s.low, s.magic, k);
  const top = others ? s.top : f32x4.splat(-1); // no e is −1
  let sum: f64 = 0;
  let count = -1;
  for (let c = s.e, end = c + bytes; c < end; c += 16) {
    let e = v128.load(c);
    const leave = f32x4.eq(e, top);
    count += popcnt(i32x4.bitmask(leave));
    e = v128.andnot(e, leave);
    const low = f64x2.promote_low_f32x4(e);
    const high = promoteHigh(e);
    sum += f64x2.extract_lane(low, 0);
    sum += f64x2.extract_lane(low, 1);
    sum += f64x2.extract_lane(high, 0);
    sum += f64x2.extract_lane(high, 1);
  }
  s.rest01 = f64x2.splat(sum);
  s.rest23 = s.rest01;
  s.count = f32x4.splat(<f32>count);
}

/** Its columns of e to y. */
export function aloneOut(y: usize, cols: u32, s: State): void {
  let c = s.e;
  const part = cols & 3;
  for (const end = c + ((<usize>(cols - part)) << 2); c < end; c += 16, y += 16) v128.store(y, v128.load(c));
  if (part) storePart(y, v128.load(c), part);
}
