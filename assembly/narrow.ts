import { expVectors } from './exp';
import { expSum, NOT } from './exp-sum';
import { demote, promoteHigh } from './lanes';
import { certain, COUNT, E, E_MAX32, EDGE, LOW, MAGIC_N, MAX, ready, REST, ROWS, SHIFT, STATE, X } from './state';

/**
 * Rows of few columns, four at a time, one row per lane: their columns are turned into vectors at s + X, and every pass
 * is vertical. No step across lanes, no tail. A group of fewer than four rows repeats its last row, so that
 * a row's bits never depend on what stands beside it.
 */

/** ROWS of the groups of `lanes` rows from r on; the last group repeats its last row. */
export function batchRows(r: u32, lanes: u32, s: usize): void {
  const last = i32x4.splat(r + lanes - 1);
  const end = r + lanes;
  for (; r < end; r += 4, s += STATE) {
    v128.store(s, i32x4.min_u(i32x4.add(i32x4.splat(r), i32x4(0, 1, 2, 3)), last), ROWS);
  }
}

// @ts-ignore: decorator
@inline
function rowOf(p: usize, i: usize, rowBytes: usize, s: usize): usize {
  return p + <usize>i32.load(s + (i << 2), ROWS) * rowBytes;
}

/** Four 4×4 blocks' worth of rows to columns and back: the same shuffles both ways. */
// @ts-ignore: decorator
@inline
function low2(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 4, 1, 5);
}
// @ts-ignore: decorator
@inline
function high2(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 2, 6, 3, 7);
}
// @ts-ignore: decorator
@inline
function low64(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 0, 2);
}
// @ts-ignore: decorator
@inline
function high64(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 1, 3);
}

/** The group's rows of f32[rows, cols] at x into columns at c. */
export function gather(x: usize, cols: u32, c: usize, s: usize): void {
  const rowBytes = (<usize>cols) << 2;
  let p0 = rowOf(x, 0, rowBytes, s);
  let p1 = rowOf(x, 1, rowBytes, s);
  let p2 = rowOf(x, 2, rowBytes, s);
  let p3 = rowOf(x, 3, rowBytes, s);
  for (const end = p0 + (rowBytes & ~15); p0 < end; p0 += 16, p1 += 16, p2 += 16, p3 += 16, c += 64) {
    const a = v128.load(p0);
    const b = v128.load(p1);
    const d = v128.load(p2);
    const e = v128.load(p3);
    const ab = low2(a, b);
    const de = low2(d, e);
    const ab2 = high2(a, b);
    const de2 = high2(d, e);
    v128.store(c, low64(ab, de));
    v128.store(c, high64(ab, de), 16);
    v128.store(c, low64(ab2, de2), 32);
    v128.store(c, high64(ab2, de2), 48);
  }
  if (cols & 2) {
    const ab = v128.load64_lane(p1, v128.load64_zero(p0), 1);
    const de = v128.load64_lane(p3, v128.load64_zero(p2), 1);
    v128.store(c, v128.shuffle<i32>(ab, de, 0, 2, 4, 6));
    v128.store(c, v128.shuffle<i32>(ab, de, 1, 3, 5, 7), 16);
    p0 += 8;
    p1 += 8;
    p2 += 8;
    p3 += 8;
    c += 32;
  }
  if (cols & 1) {
    let v = v128.load32_zero(p0);
    v = v128.load32_lane(p1, v, 1);
    v = v128.load32_lane(p2, v, 2);
    v128.store(c, v128.load32_lane(p3, v, 3));
  }
}

/** Columns at c into the group's rows of f32[rows, cols] at y. */
export function scatter(c: usize, y: usize, cols: u32, s: usize): void {
  const rowBytes = (<usize>cols) << 2;
  let p0 = rowOf(y, 0, rowBytes, s);
  let p1 = rowOf(y, 1, rowBytes, s);
  let p2 = rowOf(y, 2, rowBytes, s);
  let p3 = rowOf(y, 3, rowBytes, s);
  for (const end = p0 + (rowBytes & ~15); p0 < end; p0 += 16, p1 += 16, p2 += 16, p3 += 16, c += 64) {
    const a = v128.load(c);
    const b = v128.load(c, 16);
    const d = v128.load(c, 32);
    const e = v128.load(c, 48);
    const ab = low2(a, b);
    const de = low2(d, e);
    const ab2 = high2(a, b);
    const de2 = high2(d, e);
    v128.store(p0, low64(ab, de));
    v128.store(p1, high64(ab, de));
    v128.store(p2, low64(ab2, de2));
    v128.store(p3, high64(ab2, de2));
  }
  if (cols & 2) {
    const a = v128.load(c);
    const b = v128.load(c, 16);
    const ab = low2(a, b);
    const de = high2(a, b);
    v128.store64_lane(p0, ab, 0);
    v128.store64_lane(p1, ab, 1);
    v128.store64_lane(p2, de, 0);
    v128.store64_lane(p3, de, 1);
    p0 += 8;
    p1 += 8;
    p2 += 8;
    p3 += 8;
    c += 32;
  }
  if (cols & 1) {
    const v = v128.load(c);
    v128.store32_lane(p0, v, 0);
    v128.store32_lane(p1, v, 1);
    v128.store32_lane(p2, v, 2);
    v128.store32_lane(p3, v, 3);
  }
}

/** Columns at s + X: MAX, the shift and power of two of each lane, and EDGE where a max is ±Infinity. */
export function groupMax(cols: u32, k: usize, s: usize): void {
  let m = f32x4.splat(-Infinity);
  const end = s + ((<usize>cols) << 4);
  for (let c = s; c < end; c += 16) m = f32x4.pmax(m, v128.load(c, X));
  v128.store(s, m, MAX);
  ready(k, s);
  if (v128.any_true(f32x4.eq(f32x4.abs(m), f32x4.splat(Infinity)))) {
    for (let c = s; c < end; c += 16) {
      const v = v128.load(c, X);
      m = v128.or(m, f32x4.ne(v, v)); // all ones is a NaN
    }
    v128.store(s, m, EDGE);
  }
}

/** e to s + E and REST = Σ e by lane; if `others`, without the elements whose e is E_MAX32: COUNT = how many those are but one. */
export function groupExpSum(cols: u32, others: bool, k: usize, s: usize): void {
  const bytes = (<usize>cols) << 4;
  const end = s + bytes;
  const shift = v128.load(s, SHIFT);
  let from = s + X;
  if (v128.any_true(shift)) {
    from = s + E;
    for (let c = s; c < end; c += 16) v128.store(c, f32x4.sub(v128.load(c, X), shift), E);
  }
  const lo = v128.load(s, LOW);
  const magic = v128.load(s, MAGIC_N);
  const blocks = bytes & ~127;
  const tail = bytes - blocks;
  if (blocks) expSum(from, s + E, from + blocks, NOT, lo, magic, k, shift, 0);
  if (tail) expVectors(s + X + blocks, s + E + blocks, tail, shift, lo, magic, k);
  const top = v128.load(s, E_MAX32);
  let sum01 = v128.xor(top, top);
  let sum23 = sum01;
  let count = i32x4.eq(sum01, sum01); // −1 each: the max itself
  for (let c = s; c < end; c += 16) {
    let e = v128.load(c, E);
    if (others) {
      const leave = f32x4.eq(e, top);
      e = v128.andnot(e, leave);
      count = i32x4.sub(count, leave);
    }
    sum01 = f64x2.add(sum01, f64x2.promote_low_f32x4(e));
    sum23 = f64x2.add(sum23, promoteHigh(e));
  }
  v128.store(s, sum01, REST);
  v128.store(s, sum23, REST + 16);
  v128.store(s, f32x4.convert_i32x4_s(count), COUNT);
}

/** e *= 1 / REST by lane. */
export function groupDivide(cols: u32, s: usize): void {
  const one = f64x2.splat(1);
  scaleColumns(cols, f64x2.div(one, v128.load(s, REST)), f64x2.div(one, v128.load(s, REST + 16)), s);
}

/** e *= the factor of its lane, as rowScale does: the factors must fit. */
export function scaleColumns(cols: u32, factor01: v128, factor23: v128, s: usize): void {
  const f = demote(factor01, factor23);
  const end = s + ((<usize>cols) << 4);
  for (let c = s; c < end; c += 32) {
    v128.store(c, certain(f32x4.mul(v128.load(c, E), f)), E);
    v128.store(c, certain(f32x4.mul(v128.load(c, E + 16), f)), E + 16);
  }
}
