import { Scratch } from './scratch';

/** 2^z and log1p in float64: the bits of src/decide/exp-log.ts, whose comments say what they claim. */

/** The constants, once a call. */
export function constants(s: Scratch): void {
  s.c1 = f64x2.splat(0.6931471805412326);
  s.c2 = f64x2.splat(0.2402265069474259);
  s.c3 = f64x2.splat(0.055504109592290796);
  s.c4 = f64x2.splat(0.009618129558835203);
  s.c5 = f64x2.splat(0.0013333434157359533);
  s.c6 = f64x2.splat(0.00015403098290048476);
  s.c7 = f64x2.splat(1.5314209266843186e-5);
  s.c8 = f64x2.splat(1.334418272150169e-6);
  s.one = f64x2.splat(1);
  s.round = f64x2.splat(6755399441056767);
  s.lowest = f64x2.splat(-1022);
}

// @ts-ignore: decorator
@inline
function step(p: v128, r: v128, c: v128): v128 {
  return f64x2.add(f64x2.mul(p, r), c);
}

/**
 * 2^z in both lanes, z ≤ 0; below -1022 0.
 *
 *   @relative 1.08e-12
 */
// @ts-ignore: decorator
@inline
export function exp2(
  z: v128,
  c1: v128,
  c2: v128,
  c3: v128,
  c4: v128,
  c5: v128,
  c6: v128,
  c7: v128,
  c8: v128,
  one: v128,
  round: v128,
  lowest: v128,
): v128 {
  const t = f64x2.add(z, round);
  const r = f64x2.sub(z, f64x2.sub(t, round));
  let p = step(c8, r, c7);
  p = step(p, r, c6);
  p = step(p, r, c5);
  p = step(p, r, c4);
  p = step(p, r, c3);
  p = step(p, r, c2);
  p = step(p, r, c1);
  p = step(p, r, one);
  return v128.and(f64x2.mul(p, i64x2.shl(t, 52)), f64x2.ge(z, lowest));
}

/** e of a value: e^((v − max) / T). */
export function weightOf(s: Scratch, v: f64): f64 {
  const z = f64x2.splat((v - s.max) * s.scale);
  const e = exp2(z, s.c1, s.c2, s.c3, s.c4, s.c5, s.c6, s.c7, s.c8, s.one, s.round, s.lowest);
  return f64x2.extract_lane(e, 0);
}

/** log(1 + y), y ≥ 0. */
export function log1pOf(y: f64): f64 {
  let m = 1 + y;
  let n: f64 = 0;
  for (; m > 1.4142135623730951; m /= 2) n += 1;
  const f = n == 0 ? y : m - 1;
  const q = f / (2 + f);
  const z = q * q;
  let p: f64 = 2.0 / 23;
  for (let i: f64 = 21; i > 0; i -= 2) p = p * z + 2 / i;
  return p * q + n * 0.6931471805599453;
}
