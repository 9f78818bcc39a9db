import type { HalfKind } from '../rows.js';

/** Half floats as numbers and back, to nearest even: what assembly/reader/half.ts does, one by one. */

let floats: Float32Array | null = null;
let bits: Uint32Array;

/** The bits of a float32; made on first use, as nothing runs at import. */
function bitsOfFloat(x: number): number {
  if (floats === null) {
    floats = new Float32Array(1);
    bits = new Uint32Array(floats.buffer);
  }
  floats[0] = x;
  return bits[0];
}
function floatOfBits(b: number): number {
  bitsOfFloat(0);
  bits[0] = b;
  return floats![0];
}

export function halfToNumber(kind: HalfKind, half: number): number {
  if (kind === 'bfloat16') return floatOfBits(half << 16);
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 0x3ff;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25));
}

/** @param x a float32 */
export function numberToHalf(kind: HalfKind, x: number): number {
  const b = bitsOfFloat(x);
  if (kind === 'bfloat16') {
    if (Number.isNaN(x)) return (b >>> 16) | 0x40;
    return (b + 0x7fff + ((b >>> 16) & 1)) >>> 16;
  }
  const sign = (b >>> 16) & 0x8000;
  if (Number.isNaN(x)) return sign | 0x7e00;
  const size = Math.min(Math.abs(x), 65536);
  const exponent = Math.max(((bitsOfFloat(size) >>> 23) & 255) - 127, -14);
  // Adding and subtracting 2^52 rounds to an integer: how many spacings of a float16 of that exponent.
  const count = size * 2 ** (10 - exponent) + 2 ** 52 - 2 ** 52;
  return sign | ((exponent + 14) * 1024 + count);
}
