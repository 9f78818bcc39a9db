import { expVectors, INV_T, LIMIT, LN2, LOG2E, MAGIC } from './exp';
import { expSmall2, LN2_F64, log1p2, MAGIC_F64 } from './f64';
import { demote } from './lanes';

/**
 * The state of up to four rows in work, one per lane. It lives at a pointer s that the caller passes; the passes of a
 * streamed row, in lane 0, hand it from tile to tile.
 */

/** Rows of up to this many columns are computed four at a time, one row per lane. */
// @ts-ignore: decorator
@inline export const NARROW: u32 = 63;
/** Rows of up to this many columns go through each pass four together: their once-per-row arithmetic is done in lanes. */
// @ts-ignore: decorator
@inline export const SHORT: u32 = 1024;

// Byte offsets from s: f32x4, or two f64x2 (rows 0 and 1, then 2 and 3) where the size is 32.
/** f32x4: row max m. */
// @ts-ignore: decorator
@inline export const MAX: usize = 0;
/** f32x4: MAGIC − N. */
// @ts-ignore: decorator
@inline export const MAGIC_N: usize = 16;
/** f32x4: (N − 127)·T·ln2, below which e is 0. */
// @ts-ignore: decorator
@inline export const LOW: usize = 32;
/** f32x4: m where |m| > 350·T, else 0. */
// @ts-ignore: decorator
@inline export const SHIFT: usize = 48;
/** f32x4: logSumExp of a row whose max is ±Infinity: that, or NaN. */
// @ts-ignore: decorator
@inline export const EDGE: usize = 64;
/** f32x4: how many e of the max were left out of REST, less one: `finish` adds them. */
// @ts-ignore: decorator
@inline export const COUNT: usize = 80;
/** f64 × 4: Σ e, or without those in COUNT; `finish` makes it Σ e without the max's own. */
// @ts-ignore: decorator
@inline export const REST: usize = 96;
/** f64 × 4: e of the max. */
// @ts-ignore: decorator
@inline export const E_MAX: usize = 128;
/** f64 × 4: Σ e as the f32 terms add up, so that a certain row's e / Σ is 1. */
// @ts-ignore: decorator
@inline export const SUM: usize = 160;
/** f64 × 4: log(Σ e / e of the max) ≥ 0. */
// @ts-ignore: decorator
@inline export const LOG: usize = 192;
/** f64 × 4: cross-entropy's Σ τ (m − x) and Σ τ. */
// @ts-ignore: decorator
@inline export const TAU_D: usize = 224;
// @ts-ignore: decorator
@inline export const TAU: usize = 256;
/** f64 × 4: what e is multiplied by. */
// @ts-ignore: decorator
@inline export const FACTOR: usize = 288;
/** f64 × 4: the label's gradient, and the row's loss. */
// @ts-ignore: decorator
@inline export const LABEL: usize = 320;
// @ts-ignore: decorator
@inline export const LOSS: usize = 352;
/** f32x4: a partial vector, in the place of LABEL, which is written last. */
// @ts-ignore: decorator
@inline export const PART: usize = LABEL;
/** f32 × 4: the label's logit, e (0 when no gradient is wanted) and class weight. */
// @ts-ignore: decorator
@inline export const LOGIT: usize = 384;
// @ts-ignore: decorator
@inline export const LABEL_E: usize = 528;
// @ts-ignore: decorator
@inline export const WEIGHT: usize = 544;
/** u32 × 4: which rows the lanes hold. */
// @ts-ignore: decorator
@inline export const ROWS: usize = 400;
/** f64x2 each: Σ τ (m − x) and Σ τ of one row while they are summed. */
// @ts-ignore: decorator
@inline export const PART_D: usize = 416;
// @ts-ignore: decorator
@inline export const PART_TAU: usize = 432;
/** f64x2 × 4: Σ e of a wide row while it is summed. */
// @ts-ignore: decorator
@inline export const SUMS: usize = 448;
/** f32x4: e of the max, as the hot loop computes it. */
// @ts-ignore: decorator
@inline export const E_MAX32: usize = 512;
/** The columns of a narrow group follow: COLUMNS vectors of x, then as many of e. */
// @ts-ignore: decorator
@inline export const X: usize = 560;
// @ts-ignore: decorator
@inline export const E: usize = X + 1024;

/** Bytes of a group's state, and how many groups of narrow rows go through the passes together. */
// @ts-ignore: decorator
@inline export const STATE: usize = E + 1024;
// @ts-ignore: decorator
@inline export const GROUPS: u32 = 4;

/** Begins a group: no max yet, nothing summed. */
export function rowStart(s: usize): void {
  v128.store(s, f32x4.splat(-Infinity), MAX);
  v128.store(s, f32x4.splat(-1), COUNT);
  const max = v128.load(s, MAX);
  const zero = v128.xor(max, max); // shorter than a constant, which the compiler would repeat
  v128.store(s, zero, REST);
  v128.store(s, zero, TAU_D);
  v128.store(s, zero, TAU_D + 16);
  v128.store(s, zero, TAU);
  v128.store(s, zero, TAU + 16);
  for (const end = s + (E_MAX32 - PART_D); s < end; s += 32) {
    v128.store(s, zero, PART_D);
    v128.store(s, zero, PART_D + 16);
  }
}

/** From MAX: the row's shift, power of two, and lower clamp. */
export function ready(k: usize, s: usize): void {
  const m = v128.load(s, MAX);
  const large = f32x4.gt(f32x4.abs(m), v128.load32_splat(k, LIMIT));
  v128.store(s, m, EDGE);
  v128.store(s, v128.and(m, large), SHIFT);
  const n = f32x4.nearest(f32x4.mul(v128.andnot(m, large), v128.load32_splat(k, LOG2E)));
  v128.store(s, f32x4.sub(f32x4.splat(MAGIC), n), MAGIC_N);
  v128.store(s, f32x4.mul(f32x4.sub(n, f32x4.splat(127)), v128.load32_splat(k, LN2)), LOW);
}

/** e of the max from MAX and what follows from it: E_MAX32 and E_MAX of each lane. */
export function maxExp(k: usize, s: usize): void {
  expVectors(s + MAX, s + E_MAX32, 16, v128.load(s, SHIFT), v128.load(s, LOW), v128.load(s, MAGIC_N), k);
  const invT = v128.load64_splat(k, INV_T);
  const ln2 = v128.load64_splat(k, LN2_F64);
  const magic = v128.load64_splat(k, MAGIC_F64);
  for (let i: u32 = 0; i < 2; i++) {
    const q = s + ((<usize>i) << 3);
    // NaN where the max is ±Infinity: that row is NaN.
    const z = f64x2.sub(promoteAt(q, MAX), promoteAt(q, SHIFT));
    const n = f64x2.sub(magic, promoteAt(q, MAGIC_N));
    const e = expSmall2(f64x2.sub(f64x2.mul(z, invT), f64x2.mul(n, ln2)), k);
    v128.store(s + ((<usize>i) << 4), e, E_MAX);
  }
}

/**
 * From REST, COUNT and e of the max: the sum and its logarithm, in so many pairs of lanes (1 for a single row, 2 for each
 * group).
 *
 * log(Σ e / e_max) is log1p(rest / e_max): exact digits also when the max is all but certain.
 */
export function finish(k: usize, s: usize, pairs: u32): void {
  for (let i: u32 = 0; i < pairs; i++) {
    const at = s + <usize>(i >> 1) * STATE;
    const q = at + ((<usize>(i & 1)) << 3);
    const d = at + ((<usize>(i & 1)) << 4);
    const top = promoteAt(q, E_MAX32);
    const rest = f64x2.add(v128.load(d, REST), f64x2.mul(promoteAt(q, COUNT), top));
    v128.store(d, rest, REST);
    v128.store(d, f64x2.add(rest, top), SUM);
    v128.store(d, log1p2(f64x2.div(rest, v128.load(d, E_MAX)), k), LOG);
  }
}

/** Two f32 of a field as f64. */
// @ts-ignore: decorator
@inline
export function promoteAt(s: usize, field: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(s + field));
}

/** log(Σ e / e_max) of the four lanes as f32. */
// @ts-ignore: decorator
@inline
export function log4(s: usize): v128 {
  return demote(v128.load(s, LOG), v128.load(s, LOG + 16));
}

/** logSumExp(row / T) of lane i. */
export function lseOf(k: usize, s: usize, i: u32): f64 {
  const m = f32.load(s + ((<usize>i) << 2), MAX);
  if (abs(m) == Infinity) return <f64>f32.load(s + ((<usize>i) << 2), EDGE);
  return <f64>m * f64.load(k, INV_T) + f64.load(s + ((<usize>i) << 3), LOG);
}

/** Lane i of the f64 × 4 at `field`. */
// @ts-ignore: decorator
@inline
export function lane(s: usize, field: usize, i: u32): f64 {
  return f64.load(s + field + ((<usize>i) << 3));
}

/** Below 1/√2, the least 1/Σ of a certain row, as e of the max is at most √2; e times what is not above stays below 1 − 2^-24. */
// @ts-ignore: decorator
@inline export const CERTAIN: f32 = 0.707;

/**
 * 1 where a lane is 1 − 2^-24: a row in which all but the max is nothing has e · fl(1 / e), which is one or the other, and
 * is to have 1 (docs/accuracy-bounds.md).
 */
// @ts-ignore: decorator
@inline
export function certain(v: v128): v128 {
  return i32x4.sub(v, i32x4.eq(v, i32x4.splat(0x3f7fffff))); // the next float is the next integer
}

/** Whether f32 holds 24 bits of the factor: it is far from overflow and from the subnormal numbers. */
// @ts-ignore: decorator
@inline
export function fits(factor: f64): bool {
  const size = abs(factor);
  return size < 1.2676506002282294e30 && (size > 7.888609052210118e-31 || size == 0);
}
