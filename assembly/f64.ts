/**
 * The float64 arithmetic that is done once per row: two rows at a time in f64x2. Its constants are in the table, too, from
 * byte 72 on: V8 takes three or four instructions to make one that is written in the code.
 */

// Byte offsets into the table, f64 or i64.
/** 1/i! for i = 0 … 8. */
// @ts-ignore: decorator
@inline const TAYLOR: usize = 72;
// @ts-ignore: decorator
@inline const ONE: usize = TAYLOR;
/** 2 / (2i + 1) for i = 0 … 5. */
// @ts-ignore: decorator
@inline const ARTANH: usize = 144;
/** ln 2. */
// @ts-ignore: decorator
@inline export const LN2_F64: usize = 192;
/** MAGIC of the exponential. */
// @ts-ignore: decorator
@inline export const MAGIC_F64: usize = 200;
/** The leading bits of √½, what takes them to those of 1, and a mantissa's bits. */
// @ts-ignore: decorator
@inline const SQRT_HALF: usize = 208;
// @ts-ignore: decorator
@inline const RAISE: usize = 216;
// @ts-ignore: decorator
@inline const MANTISSA: usize = 224;
/** The exponent of 1, as it stands in its bits; 2^52, whose low bits hold an integer; and 2^52 + 1023. */
// @ts-ignore: decorator
@inline const BIAS: usize = 232;
// @ts-ignore: decorator
@inline const WHOLE: usize = 240;
// @ts-ignore: decorator
@inline const WHOLE_BIAS: usize = 248;

/** Fills this file's part of the table at k. */
export function constants64(k: usize, magic: f64): void {
  let factorial: f64 = 1;
  for (let i: u32 = 0; i < 9; i++) {
    const at = k + ((<usize>i) << 3);
    if (i) factorial *= <f64>i;
    f64.store(at, 1 / factorial, TAYLOR);
    if (i < 6) f64.store(at, 2 / <f64>(2 * i + 1), ARTANH);
  }
  f64.store(k, 0.6931471805599453, LN2_F64);
  f64.store(k, magic, MAGIC_F64);
  i64.store(k, 0x3fe6a09e00000000, SQRT_HALF);
  i64.store(k, 0x3ff0000000000000 - 0x3fe6a09e00000000, RAISE);
  i64.store(k, 0x000fffffffffffff, MANTISSA);
  i64.store(k, 1023, BIAS);
  i64.store(k, 0x4330000000000000, WHOLE);
  f64.store(k, 4503599627370496 + 1023, WHOLE_BIAS);
}

// @ts-ignore: decorator
@inline
function step(p: v128, x: v128, c: v128): v128 {
  return f64x2.add(f64x2.mul(p, x), c);
}

/** e^a for |a| ≤ 0.36, within 3e-10 relative (Taylor to degree 8; 0.36^9 / 9! is the next term); NaN is kept. */
// @ts-ignore: decorator
@inline
export function expSmall2(a: v128, k: usize): v128 {
  let p = v128.load64_splat(k, TAYLOR + 64);
  p = step(p, a, v128.load64_splat(k, TAYLOR + 56));
  p = step(p, a, v128.load64_splat(k, TAYLOR + 48));
  p = step(p, a, v128.load64_splat(k, TAYLOR + 40));
  p = step(p, a, v128.load64_splat(k, TAYLOR + 32));
  p = step(p, a, v128.load64_splat(k, TAYLOR + 24));
  p = step(p, a, v128.load64_splat(k, TAYLOR + 16));
  p = step(p, a, v128.load64_splat(k, TAYLOR + 8));
  return step(p, a, v128.load64_splat(k, TAYLOR));
}

/**
 * log(1 + y) for y ≥ 0, relative error below 6e-11, also where y is tiny; NaN and +Infinity give NaN.
 *
 * 1 + y = 2^n·m with m in [√½, √2), log m = 2·artanh(s), s = (m − 1)/(m + 1), by its series to s^11. For n = 0 the y
 * itself is m − 1: the digits that 1 + y rounds away are what a nearly certain row consists of.
 * Own arithmetic instead of the standard library's: 4 KB of tables less, two rows at once, the same bits everywhere.
 */
// @ts-ignore: decorator
@inline
export function log1p2(y: v128, k: usize): v128 {
  const one = v128.load64_splat(k, ONE);
  // The offset makes m start at √½.
  const raised = i64x2.add(f64x2.add(y, one), v128.load64_splat(k, RAISE));
  const exponent = i64x2.shr_u(raised, 52);
  const m = i64x2.add(v128.and(raised, v128.load64_splat(k, MANTISSA)), v128.load64_splat(k, SQRT_HALF));
  const unscaled = i64x2.eq(exponent, v128.load64_splat(k, BIAS));
  const f = v128.bitselect(y, f64x2.sub(m, one), unscaled);
  const n = f64x2.sub(v128.or(exponent, v128.load64_splat(k, WHOLE)), v128.load64_splat(k, WHOLE_BIAS));
  const two = v128.load64_splat(k, ARTANH);
  const s = f64x2.div(f, f64x2.add(f, two));
  const z = f64x2.mul(s, s);
  let p = v128.load64_splat(k, ARTANH + 40);
  p = step(p, z, v128.load64_splat(k, ARTANH + 32));
  p = step(p, z, v128.load64_splat(k, ARTANH + 24));
  p = step(p, z, v128.load64_splat(k, ARTANH + 16));
  p = step(p, z, v128.load64_splat(k, ARTANH + 8));
  p = step(p, z, two);
  const log = f64x2.add(f64x2.mul(p, s), f64x2.mul(n, v128.load64_splat(k, LN2_F64)));
  // y − y is NaN where y is, and 0 elsewhere: the bit arithmetic above would lose it.
  return f64x2.add(log, f64x2.sub(y, y));
}
