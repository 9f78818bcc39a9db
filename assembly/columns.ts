import { expVectors } from './exp';
import { expSum, NOT } from './exp-sum';
import { promoteHigh } from './lanes';
import { State } from './state';
import { ready } from './statistics';
import { Table } from './table';

/** Statistics of a narrow group, over its columns. */

/** The max, what follows from it, and the edge of each lane. */
export function columnsMax(cols: u32, k: Table, s: State): void {
  let m = f32x4.splat(-Infinity);
  const end = s.x + ((<usize>cols) << 4);
  for (let c = s.x; c < end; c += 16) m = f32x4.pmax(m, v128.load(c));
  s.max = m;
  ready(k, s);
  if (v128.any_true(f32x4.eq(f32x4.abs(m), f32x4.splat(Infinity)))) {
    for (let c = s.x; c < end; c += 16) {
      const v = v128.load(c);
      m = v128.or(m, f32x4.ne(v, v)); // all ones is a NaN
    }
    s.edge = m;
  }
}

/** e, and the rest = Σ e by lane; if `others`, without the elements whose e is that of the max: `count` is how many but one. */
export function columnsExpSum(cols: u32, others: bool, k: Table, s: State): void {
  columnsExp((<usize>cols) << 4, k, s);
  const end = s.e + ((<usize>cols) << 4);
  const top = s.top;
  let sum01 = v128.xor(top, top);
  let sum23 = sum01;
  let count = i32x4.eq(sum01, sum01); // −1 each: the max itself
  for (let c = s.e; c < end; c += 16) {
    let e = v128.load(c);
    if (others) {
      const leave = f32x4.eq(e, top);
      e = v128.andnot(e, leave);
      count = i32x4.sub(count, leave);
    }
    sum01 = f64x2.add(sum01, f64x2.promote_low_f32x4(e));
    sum23 = f64x2.add(sum23, promoteHigh(e));
  }
  s.rest01 = sum01;
  s.rest23 = sum23;
  if (others) s.count = f32x4.convert_i32x4_s(count);
}

/** e of so many bytes of columns. */
// @ts-ignore: decorator
@inline
function columnsExp(bytes: usize, k: Table, s: State): void {
  const shift = s.shift;
  let from = s.x;
  if (v128.any_true(shift)) {
    from = s.e;
    for (let c = s.x, to = from, end = c + bytes; c < end; c += 16, to += 16) {
      v128.store(to, f32x4.sub(v128.load(c), shift));
    }
  }
  const blocks = bytes & ~127;
  const tail = bytes - blocks;
  if (blocks) expSum(from, s.e, from + blocks, NOT, s.low, s.magic, k, shift, 0);
  if (tail) expVectors(s.x + blocks, s.e + blocks, tail, shift, s.low, s.magic, k);
}
