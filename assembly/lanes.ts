/** Helpers across lanes, and the partial vectors at a row's end. `count` is 1, 2 or 3 elements. */

/** The largest of four lanes; NaN only where every lane met is NaN. */
// @ts-ignore: decorator
@inline
export function hmax(v: v128): v128 {
  const w = f32x4.pmax(v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return f32x4.pmax(w, v128.shuffle<i32>(w, w, 1, 0, 3, 2));
}

/** The sum of two f64 lanes, in both lanes. */
// @ts-ignore: decorator
@inline
export function hsum(v: v128): v128 {
  return f64x2.add(v, v128.shuffle<i64>(v, v, 1, 0));
}

/** acc (f64x2) plus the four f32 lanes of v. */
// @ts-ignore: decorator
@inline
export function widenAdd(acc: v128, v: v128): v128 {
  return f64x2.add(acc, f64x2.add(f64x2.promote_low_f32x4(v), promoteHigh(v)));
}

/** The two floats at p, or at p + 8, as f64: from memory a conversion is one operation, from a register two and a shuffle. */
// @ts-ignore: decorator
@inline
export function lowAt(p: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(p));
}
// @ts-ignore: decorator
@inline
export function highAt(p: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(p, 8));
}

/** acc (f64x2) plus the four floats at p. */
// @ts-ignore: decorator
@inline
export function widenAddAt(acc: v128, p: usize): v128 {
  return f64x2.add(acc, f64x2.add(lowAt(p), highAt(p)));
}

/** Lanes 2 and 3 as f64. */
// @ts-ignore: decorator
@inline
export function promoteHigh(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3));
}

/** Two f64x2 rounded to one f32x4. */
// @ts-ignore: decorator
@inline
export function demote(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(v128.demote_zero<f64>(low), v128.demote_zero<f64>(high), 0, 1, 4, 5);
}

/** `count` elements at p, the other lanes 0; reads nothing beyond them. */
export function loadPart(p: usize, count: u32): v128 {
  if (count == 1) return v128.load32_zero(p);
  const pair = v128.load64_zero(p);
  return count == 2 ? pair : v128.load32_lane(p, pair, 2, 8);
}

/** `count` elements at p, the other lanes from `fill`. */
export function loadPartOr(p: usize, count: u32, fill: v128): v128 {
  const inside = i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3));
  return v128.bitselect(loadPart(p, count), fill, inside);
}

/** The first `count` lanes of v to p; writes nothing beyond them. */
export function storePart(p: usize, v: v128, count: u32): void {
  if (count == 1) {
    v128.store32_lane(p, v, 0);
    return;
  }
  v128.store64_lane(p, v, 0);
  if (count == 3) v128.store32_lane(p, v, 2, 8);
}

/** Four 4×4 blocks' worth of rows to columns and back: the same shuffles both ways. */
// @ts-ignore: decorator
@inline
export function low2(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 4, 1, 5);
}
// @ts-ignore: decorator
@inline
export function high2(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 2, 6, 3, 7);
}
// @ts-ignore: decorator
@inline
export function low64(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 0, 2);
}
// @ts-ignore: decorator
@inline
export function high64(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 1, 3);
}
