import { constants64 } from './f64';
import { madd, nmadd } from './tier';

/**
 * The exponential of the kernels, and the table of its constants.
 *
 * e^(x/T) is 2^n · (1 + r·p(r)) with n = round(x·log2e/T) and r = x − n·T·ln2, |r| ≤ T·ln2/2. The temperature is in the
 * constants (log2e/T, T·ln2, coefficient k over T^k), so nothing is rounded twice and the loop does not know it.
 * The constants are loaded from memory, not written in the kernel: V8 rebuilds every v128 constant inside a loop.
 */

// Byte offsets into the table that `constants` fills. f32 unless said.
// @ts-ignore: decorator
@inline export const LOG2E: usize = 0;
// @ts-ignore: decorator
@inline export const LN2_HI: usize = 4;
// @ts-ignore: decorator
@inline export const LN2_LO: usize = 8;
// @ts-ignore: decorator
@inline export const C1: usize = 12;
// @ts-ignore: decorator
@inline export const C2: usize = 16;
// @ts-ignore: decorator
@inline export const C3: usize = 20;
// @ts-ignore: decorator
@inline export const C4: usize = 24;
// @ts-ignore: decorator
@inline export const C5: usize = 28;
// @ts-ignore: decorator
@inline export const C6: usize = 32;
// @ts-ignore: decorator
@inline export const ONE: usize = 36;
/** T·ln2 unsplit. */
// @ts-ignore: decorator
@inline export const LN2: usize = 40;
/** 350·T: a row whose max lies beyond takes x − max first. */
// @ts-ignore: decorator
@inline export const LIMIT: usize = 44;
/** ½ where T > 1, else 1: (x·½ − max·½)·2/T has no overflow before the result itself. */
// @ts-ignore: decorator
@inline export const HALF: usize = 48;
/** 1 / (HALF·T). */
// @ts-ignore: decorator
@inline export const SLOPE: usize = 52;
/** f64: 1/T. */
// @ts-ignore: decorator
@inline export const INV_T: usize = 56;

/**
 * u32: 1 where softmax adds two e as f32 before they go into float64, which keeps 6 ULP where T is a power of two (adding
 * four reaches 6.42). At other T, and for logarithms, because a max may cancel half of log Σ, each e goes by itself.
 */
// @ts-ignore: decorator
@inline export const PAIRS: usize = 64;

/** 1.5·2^23 + 127: added to a float it leaves round(x) + 127 in the low bits, ready to be shifted into an exponent. */
// @ts-ignore: decorator
@inline export const MAGIC: f32 = 12583039;

// @ts-ignore: decorator
@inline const LN2_F64: f64 = 0.6931471805599453;

/** The 14 leading bits of v, rounded: n·LN2_HI is then exact for |n| ≤ 1024, whatever the temperature. */
function leadingBits(v: f64): f64 {
  const dropped: u64 = 53 - 14;
  const half: u64 = (1 as u64) << (dropped - 1);
  return reinterpret<f64>(((reinterpret<u64>(v) + half) >> dropped) << dropped);
}

/**
 * Fills the table at k (256 bytes) for temperature t in [2^-16, 2^16].
 *
 * Coefficients: p of degree 5 so that 1 + r·p(r) is within 3.2e-9 of e^r over ±ln2/2, each rounded to f32 before the
 * next is fitted; scripts/coefficients.mjs prints them.
 */
export function constants(k: usize, t: f64): void {
  const ln2 = LN2_F64 * t;
  const hi = leadingBits(ln2);
  const inv = 1 / t;
  f32.store(k, <f32>(1.4426950408889634 / t), LOG2E);
  f32.store(k, <f32>hi, LN2_HI);
  f32.store(k, <f32>(ln2 - hi), LN2_LO);
  f32.store(k, <f32>inv, C1);
  // C1's rounding error ε tilts the polynomial by ε·t, t = r/T: C3 and C5 bend that into ε·h·T5(t/h)/5 (Chebyshev,
  // h = ln2/2), a fifth of it. Without this softmax reaches 6.06 ULP at T = 0.0979204684893734; 0 where T is 2^i.
  const tilt = <f64>f32.load(k, C1) * t - 1;
  let power = inv * inv;
  f32.store(k, <f32>(0.4999999403953552 * power), C2);
  power *= inv;
  f32.store(k, <f32>((0.16666516661643982 - 33.301903696089724 * tilt) * power), C3);
  power *= inv;
  f32.store(k, <f32>(0.04166810214519501 * power), C4);
  power *= inv;
  f32.store(k, <f32>((0.008369192481040955 + 221.80335795672693 * tilt) * power), C5);
  power *= inv;
  f32.store(k, <f32>(0.001383890281431377 * power), C6);
  f32.store(k, 1, ONE);
  f32.store(k, <f32>ln2, LN2);
  f32.store(k, <f32>(350 * t), LIMIT);
  const half: f64 = t > 1 ? 0.5 : 1;
  f32.store(k, <f32>half, HALF);
  f32.store(k, <f32>(inv / half), SLOPE);
  f64.store(k, inv, INV_T);
  i32.store(k, <i32>!(reinterpret<u64>(t) << 12), PAIRS);
  constants64(k, <f64>MAGIC);
}

/**
 * exp4(x) = 2^-N · e^((x − shift)/T) in each lane, N given by the row's `magic` = MAGIC − N.
 *
 *   Max error    over every float32 x (scripts/exhaustive.mjs), T = 1:
 *                fused   1.147870 ULP at x = 5.200051784515381, row max 11.783501625061035
 *                unfused 1.174210 ULP at x = 222.1880645751953, row max 223.19338989257812
 *                T not 2^i, by stride: fused 1.319070 at x = 5057.9892578125, T = 13274.238862379912,
 *                unfused 1.338067 at x = 59362.390625, T = 202.99288057458025
 *                test/exp.test.ts fails above 1.2; 1.4
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
  const scale = madd(x, log2e, magic);
  const n = f32x4.sub(scale, magic);
  const r = nmadd(n, ln2Lo, nmadd(n, ln2Hi, x));
  let p = madd(c6, r, c5);
  p = madd(p, r, c4);
  p = madd(p, r, c3);
  p = madd(p, r, c2);
  p = madd(p, r, c1);
  return scaled(p, r, one, i32x4.shl(scale, 23));
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

/** y = exp4 of x − shift over the whole vectors of so many bytes; y may be x. */
export function expVectors(x: usize, y: usize, bytes: usize, shift: v128, lo: v128, magic: v128, k: usize): void {
  const log2e = v128.load32_splat(k, LOG2E);
  const hi = v128.load32_splat(k, LN2_HI);
  const low = v128.load32_splat(k, LN2_LO);
  const c1 = v128.load32_splat(k, C1);
  const c2 = v128.load32_splat(k, C2);
  const c3 = v128.load32_splat(k, C3);
  const c4 = v128.load32_splat(k, C4);
  const c5 = v128.load32_splat(k, C5);
  const c6 = v128.load32_splat(k, C6);
  const one = v128.load32_splat(k, ONE);
  for (const end = x + bytes; x < end; x += 16, y += 16) {
    v128.store(y, exp4(f32x4.sub(v128.load(x), shift), lo, magic, log2e, hi, low, c1, c2, c3, c4, c5, c6, one));
  }
}

/**
 * e^x in each lane over the whole range of f32 (temperature 1): the power of two is applied in two halves, so that
 * x > 88.7 gives +Infinity, x < -104 gives +0 and nothing wraps in between. NaN is kept. Max error over every float32
 * with a normal result: fused 0.891321 ULP at x = -5.848641872406006, unfused 1.167079 at -38.434974670410156.
 */
export function exp4Full(x: v128, k: usize): v128 {
  x = f32x4.pmax(x, f32x4.splat(-104.5));
  x = f32x4.pmin(x, f32x4.splat(89.5));
  const magic = f32x4.splat(12582912);
  const n = f32x4.sub(madd(x, v128.load32_splat(k, LOG2E), magic), magic);
  const r = nmadd(n, v128.load32_splat(k, LN2_LO), nmadd(n, v128.load32_splat(k, LN2_HI), x));
  let p = madd(v128.load32_splat(k, C6), r, v128.load32_splat(k, C5));
  p = madd(p, r, v128.load32_splat(k, C4));
  p = madd(p, r, v128.load32_splat(k, C3));
  p = madd(p, r, v128.load32_splat(k, C2));
  p = madd(p, r, v128.load32_splat(k, C1));
  p = madd(p, r, v128.load32_splat(k, ONE));
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const first = i32x4.shr_s(whole, 1);
  const bias = i32x4.splat(127);
  const a = i32x4.shl(i32x4.add(first, bias), 23);
  const b = i32x4.shl(i32x4.add(i32x4.sub(whole, first), bias), 23);
  return f32x4.mul(f32x4.mul(p, a), b);
}
