import { Table } from './table';

/** The float64 arithmetic that is done once per row: two rows at a time in f64x2. */

// @ts-ignore: decorator
@inline
function step(p: v128, x: v128, c: v128): v128 {
  return f64x2.add(f64x2.mul(p, x), c);
}

/**
 * e^a for |a| ≤ 0.36 (Taylor to degree 8: 0.36^9 / 9! is the next term); NaN is kept.
 *
 *   @relative 4e-10
 */
// @ts-ignore: decorator
@inline
export function expSmall2(a: v128, k: Table): v128 {
  let p = step(k.taylor8, a, k.taylor7);
  p = step(p, a, k.taylor6);
  p = step(p, a, k.taylor5);
  p = step(p, a, k.taylor4);
  p = step(p, a, k.taylor3);
  p = step(p, a, k.taylor2);
  p = step(p, a, k.taylor1);
  return step(p, a, k.taylor0);
}

/**
 * log(1 + y) for y ≥ 0, also where y is tiny but a normal number; NaN and +Infinity give NaN.
 *
 *   @relative 5.2e-11
 *
 * 1 + y = 2^n·m with m in [√½, √2), log m = 2·artanh(s), s = (m − 1)/(m + 1), by its series to s^11. For n = 0 the y
 * itself is m − 1: the digits that 1 + y rounds away are what a nearly certain row consists of.
 * Own arithmetic instead of the standard library's: 4 KB of tables less, two rows at once, the same bits everywhere.
 */
// @ts-ignore: decorator
@inline
export function log1p2(y: v128, k: Table): v128 {
  const one = k.taylor0;
  // The offset makes m start at √½.
  const raised = i64x2.add(f64x2.add(y, one), k.raise);
  const exponent = i64x2.shr_u(raised, 52);
  const m = i64x2.add(v128.and(raised, k.mantissa), k.sqrtHalf);
  const unscaled = i64x2.eq(exponent, k.bias);
  const f = v128.bitselect(y, f64x2.sub(m, one), unscaled);
  const n = f64x2.sub(v128.or(exponent, k.whole), k.wholeBias);
  const two = k.artanh0;
  const s = f64x2.div(f, f64x2.add(f, two));
  const z = f64x2.mul(s, s);
  let p = step(k.artanh5, z, k.artanh4);
  p = step(p, z, k.artanh3);
  p = step(p, z, k.artanh2);
  p = step(p, z, k.artanh1);
  p = step(p, z, two);
  const log = f64x2.add(f64x2.mul(p, s), f64x2.mul(n, k.ln2Double));
  // y − y is NaN where y is, and 0 elsewhere: the bit arithmetic above would lose it.
  return f64x2.add(log, f64x2.sub(y, y));
}
