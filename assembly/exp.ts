import { Table } from './table';
import { madd, nmadd } from './tier';

/**
 * The exponential of the kernels.
 *
 * e^(x/T) is 2^n · (1 + r·p(r)) with n = round(x·log2e/T) and r = x − n·T·ln2, |r| ≤ T·ln2/2. The temperature is in the
 * constants (log2e/T, T·ln2, coefficient i over T^i), so nothing is rounded twice and the loop does not know it.
 */

/** r of x, given t = x·log2e + magic. */
// @ts-ignore: decorator
@inline
export function reduced(x: v128, t: v128, magic: v128, ln2Hi: v128, ln2Lo: v128): v128 {
  const n = f32x4.sub(t, magic);
  return nmadd(n, ln2Lo, nmadd(n, ln2Hi, x));
}

/** p(r). */
// @ts-ignore: decorator
@inline
export function power(r: v128, c1: v128, c2: v128, c3: v128, c4: v128, c5: v128, c6: v128): v128 {
  let p = madd(c6, r, c5);
  p = madd(p, r, c4);
  p = madd(p, r, c3);
  p = madd(p, r, c2);
  return madd(p, r, c1);
}

/**
 * two · (1 + p·r). Fused it costs one rounding more than p·r + 1 and spares the register that 1 would take, which is
 * 7 % of the kernel; not fused both round alike.
 */
// @ts-ignore: decorator
@inline
export function scaled(p: v128, r: v128, one: v128, two: v128): v128 {
  const q = f32x4.mul(p, r);
  return ASC_FEATURE_RELAXED_SIMD ? madd(q, two, two) : f32x4.mul(f32x4.add(q, one), two);
}

/**
 * exp4(x) = 2^-N · e^((x − shift)/T) in each lane, N given by the row's `magic` = MAGIC − N; x is what is left of the
 * shift. Its constants are arguments, so that the loops it stands in hold them in locals.
 *
 *   @ulp 1.2 T = 1
 *   @ulp 1.4 T is no power of two
 *
 *   Seen         over every float32 x (scripts/check/exhaustive.mjs), T = 1:
 *                fused   1.147870 ULP at x = 5.200051784515381, row max 11.783501625061035
 *                unfused 1.174210 ULP at x = 222.1880645751953, row max 223.19338989257812
 *                T not 2^i, by stride: fused 1.319070 at x = 5057.9892578125, T = 13274.238862379912,
 *                unfused 1.338067 at x = 59362.390625, T = 202.99288057458025
 *   Range        shift = 0 and max of the row within ±350·T, or shift = that max and N = 0
 *   Below `lo`   +0, so -Infinity (a mask) is +0; lo = (N − 127)·T·ln2
 *   NaN          kept: pmax keeps its first operand when that is NaN
 */
// @ts-ignore: decorator
@inline
export function exp4(
  x: v128,
  lo: v128,
  magic: v128,
  log2e: v128,
  ln2Hi: v128,
  ln2Lo: v128,
  c1: v128,
  c2: v128,
  c3: v128,
  c4: v128,
  c5: v128,
  c6: v128,
  one: v128,
): v128 {
  x = f32x4.pmax(x, lo);
  const t = madd(x, log2e, magic);
  const r = reduced(x, t, magic, ln2Hi, ln2Lo);
  return scaled(power(r, c1, c2, c3, c4, c5, c6), r, one, i32x4.shl(t, 23));
}

/** y = exp4 of x − shift over the whole vectors of so many bytes; y may be x. */
export function expVectors(x: usize, y: usize, bytes: usize, shift: v128, lo: v128, magic: v128, k: Table): void {
  const log2e = k.log2e;
  const hi = k.ln2Hi;
  const low = k.ln2Lo;
  const c1 = k.c1;
  const c2 = k.c2;
  const c3 = k.c3;
  const c4 = k.c4;
  const c5 = k.c5;
  const c6 = k.c6;
  const one = k.one;
  for (const end = x + bytes; x < end; x += 16, y += 16) {
    v128.store(y, exp4(f32x4.sub(v128.load(x), shift), lo, magic, log2e, hi, low, c1, c2, c3, c4, c5, c6, one));
  }
}

/**
 * e^x in each lane over the whole range of f32 (temperature 1): the power of two is applied in two halves, so that
 * x > 88.7 gives +Infinity, x < -104 gives +0 and nothing wraps in between. NaN is kept.
 *
 *   @ulp 1.2
 *
 *   Seen         over every float32 with a normal result: fused 0.891321 ULP at x = -5.848641872406006,
 *                unfused 1.167079 at -38.434974670410156
 */
export function exp4Full(x: v128, k: Table): v128 {
  x = f32x4.pmax(x, f32x4.splat(-104.5));
  x = f32x4.pmin(x, f32x4.splat(89.5));
  const magic = f32x4.splat(12582912);
  const t = madd(x, k.log2e, magic);
  const r = reduced(x, t, magic, k.ln2Hi, k.ln2Lo);
  const p = madd(power(r, k.c1, k.c2, k.c3, k.c4, k.c5, k.c6), r, k.one);
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.sub(t, magic));
  const first = i32x4.shr_s(whole, 1);
  const bias = i32x4.splat(127);
  const a = i32x4.shl(i32x4.add(first, bias), 23);
  const b = i32x4.shl(i32x4.add(i32x4.sub(whole, first), bias), 23);
  return f32x4.mul(f32x4.mul(p, a), b);
}
