/** The float64 arithmetic that is done once per row: two rows at a time in f64x2. */

// @ts-ignore: decorator
@inline
function step(p: v128, x: v128, c: f64): v128 {
  return f64x2.add(f64x2.mul(p, x), f64x2.splat(c));
}

/** e^a for |a| ≤ 0.36, within 3e-10 relative (Taylor to degree 8; 0.36^9 / 9! is the next term); NaN is kept. */
export function expSmall2(a: v128): v128 {
  let p = f64x2.splat(1.0 / 40320);
  p = step(p, a, 1.0 / 5040);
  p = step(p, a, 1.0 / 720);
  p = step(p, a, 1.0 / 120);
  p = step(p, a, 1.0 / 24);
  p = step(p, a, 1.0 / 6);
  p = step(p, a, 0.5);
  p = step(p, a, 1);
  return step(p, a, 1);
}

/**
 * log(1 + y) for y ≥ 0, relative error below 6e-11, also where y is tiny; NaN and +Infinity give NaN.
 *
 * 1 + y = 2^k·m with m in [√½, √2), log m = 2·artanh(s), s = (m − 1)/(m + 1), by its series to s^11. For k = 0 the y
 * itself is m − 1: the digits that 1 + y rounds away are what a nearly certain row consists of.
 * Own arithmetic instead of the standard library's: 4 KB of tables less, two rows at once, the same bits everywhere.
 */
export function log1p2(y: v128): v128 {
  const u = f64x2.add(y, f64x2.splat(1));
  // The offset makes m start at √½: 0x3FE6A09E… are the leading bits of √½.
  const raised = i64x2.add(u, i64x2.splat(0x3ff0000000000000 - 0x3fe6a09e00000000));
  const exponent = i64x2.shr_u(raised, 52);
  const m = i64x2.add(v128.and(raised, i64x2.splat(0x000fffffffffffff)), i64x2.splat(0x3fe6a09e00000000));
  const unscaled = i64x2.eq(exponent, i64x2.splat(1023));
  const f = v128.bitselect(y, f64x2.sub(m, f64x2.splat(1)), unscaled);
  // The exponent as a double: 2^52's bits hold an integer in their low end.
  const k = f64x2.sub(v128.or(exponent, i64x2.splat(0x4330000000000000)), f64x2.splat(4503599627370496 + 1023));
  const s = f64x2.div(f, f64x2.add(f, f64x2.splat(2)));
  const z = f64x2.mul(s, s);
  let p = f64x2.splat(2.0 / 11);
  p = step(p, z, 2.0 / 9);
  p = step(p, z, 2.0 / 7);
  p = step(p, z, 2.0 / 5);
  p = step(p, z, 2.0 / 3);
  p = step(p, z, 2);
  const log = f64x2.add(f64x2.mul(p, s), f64x2.mul(k, f64x2.splat(0.6931471805599453)));
  // y − y is NaN where y is, and 0 elsewhere: the bit arithmetic above would lose it.
  return f64x2.add(log, f64x2.sub(y, y));
}
