/**
 * 2^z and logarithms in float64, of +, −, · and / alone: the same bits on every engine, and those of assembly/decide/exp.ts.
 */

/** Of 2^r ≈ 1 + r (C1 + r (C2 + …)) for |r| ≤ ½; scripts/coefficients.mjs prints them. */
const C1 = 0.6931471805412326;
const C2 = 0.2402265069474259;
const C3 = 0.055504109592290796;
const C4 = 0.009618129558835203;
const C5 = 0.0013333434157359533;
const C6 = 0.00015403098290048476;
const C7 = 1.5314209266843186e-5;
const C8 = 1.334418272150169e-6;

/** Added to a float64 it leaves its integer + 1023 in the low bits, which the kernels make an exponent of: 1.5 · 2^52 + 1023. */
const ROUND = 6755399441056767;

let powers: Float64Array | null = null;

/** powers[k] = 2^−k, made on first use because nothing runs at import. */
function table(): Float64Array {
  powers = new Float64Array(1023);
  for (let k = 0, power = 1; k < powers.length; k++, power /= 2) powers[k] = power;
  return powers;
}

/**
 * 2^z for z ≤ 0.
 *
 *   Max error     1.1e-12 relative (test/decisions/exp-log.test.ts fails above)
 *   Exact         2^0 = 1
 *   Below 2^-1022 +0, so -Infinity (what is left out) is +0
 */
export function exp2(z: number): number {
  if (!(z >= -1022)) return 0;
  const n = z + ROUND - ROUND;
  const r = z - n;
  let p = C8 * r + C7;
  p = p * r + C6;
  p = p * r + C5;
  p = p * r + C4;
  p = p * r + C3;
  p = p * r + C2;
  p = p * r + C1;
  return (p * r + 1) * (powers ?? table())[-n]!;
}

/** 2·artanh(f / (2 + f)) = log(1 + f) for 1 + f in [√½, √2]: its series to the 23rd power. */
function logNear1(f: number): number {
  const s = f / (2 + f);
  const z = s * s;
  let p = 2 / 23;
  for (let i = 21; i > 0; i -= 2) p = p * z + 2 / i;
  return p * s;
}

/**
 * log(1 + y) for finite y ≥ 0, also where y is tiny; log1pOf(m − 1) is the logarithm of an m ≥ 1.
 *
 *   Max error   4e-16 relative (the test fails above 1e-15)
 */
export function log1pOf(y: number): number {
  let m = 1 + y;
  let n = 0;
  for (; m > Math.SQRT2; m /= 2) n++;
  return logNear1(n === 0 ? y : m - 1) + n * Math.LN2;
}

/** log(p) of a p in [0, 1]: -Infinity of 0. */
export function logOf(p: number): number {
  if (p === 0) return -Infinity;
  let n = 0;
  for (; p < Math.SQRT1_2; p *= 2) n--;
  return logNear1(p - 1) + n * Math.LN2;
}
