/**
 * Half floats by their definition, as the oracle of the readers: IEEE 754-2019's binary16 (table 3.5: 5 bits of exponent,
 * bias 15, 10 of mantissa), and bfloat16, the upper half of a binary32. Rounding is to nearest, ties to even.
 */
export type HalfKind = 'float16' | 'bfloat16';

const FORMATS = { float16: { bits: 10, bias: 15 }, bfloat16: { bits: 7, bias: 127 } };

export function toFloat(kind: HalfKind, half: number): number {
  const { bits, bias } = FORMATS[kind];
  const sign = half & 0x8000 ? -1 : 1;
  const mantissa = half & (2 ** bits - 1);
  const exponent = (half & 0x7fff) >> bits;
  if (exponent === 2 * bias + 1) return mantissa === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * mantissa * 2 ** (1 - bias - bits);
  return sign * (1 + mantissa / 2 ** bits) * 2 ** (exponent - bias);
}

/** @param x a float32; of a NaN -1 */
export function fromFloat(kind: HalfKind, x: number): number {
  const { bits, bias } = FORMATS[kind];
  if (Number.isNaN(x)) return -1;
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const size = Math.abs(x);
  const infinite = (2 * bias + 1) << bits;
  if (size === Infinity) return sign | infinite;
  let exponent = 1 - bias;
  while (exponent < bias && size >= 2 ** (exponent + 1)) exponent++;
  const spacings = size / 2 ** (exponent - bits);
  const whole = Math.floor(spacings);
  const rest = spacings - whole;
  const count = whole + (rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? 1 : 0);
  // A mantissa that is full carries into the exponent, the largest into infinity.
  return sign | Math.min(((exponent + bias - 1) << bits) + count, infinite);
}

export function isNaNHalf(kind: HalfKind, half: number): boolean {
  return Number.isNaN(toFloat(kind, half));
}
