import { loadPart } from '../lanes';

/**
 * Half floats: float16 (IEEE 754 binary16) and bfloat16 to float32, exactly, and back, to nearest even.
 *
 * x is of `lines` lines, `xStep` bytes apart, of n elements each; y likewise. Lines may be of any alignment.
 */

/** Kinds of half floats. */
// @ts-ignore: decorator
@inline const FLOAT16: i32 = 1;

/** Bits and factors of float16 seen as the upper end of a float32's: 13 bits of mantissa less, and an exponent of 112 less. */
// @ts-ignore: decorator
@inline const LIFT: f32 = 5.192296858534828e33; // 2^112
// @ts-ignore: decorator
@inline const SMALLEST: i32 = 113 << 23; // 2^-14, the smallest normal float16

/** Halves at x to floats at y. */
export function halvesIn(kind: i32, x: usize, xStep: usize, y: usize, yStep: usize, lines: u32, n: u32): void {
  for (; lines; lines--, x += xStep, y += yStep) {
    let p = x;
    let q = y;
    const end = x + ((<usize>n) << 1);
    if (kind == FLOAT16) {
      for (; p + 16 <= end; p += 16, q += 32) float16In8(p, q);
    } else {
      for (; p + 16 <= end; p += 16, q += 32) {
        v128.store(q, i32x4.shl(v128.load_ext<u16>(p), 16));
        v128.store(q, i32x4.shl(v128.load_ext<u16>(p, 8), 16), 16);
      }
    }
    for (; p < end; p += 2, q += 4) {
      const bits = <i32>i32.load16_u(p);
      i32.store(q, kind == FLOAT16 ? float16In(bits) : bits << 16);
    }
  }
}

/**
 * Eight of them. As float32s with an exponent of 112 less they are multiplied by 2^112; but a product of subnormal numbers
 * takes 50 times as long, so those are made by a subtraction, as are infinities and NaN by their bits.
 */
// @ts-ignore: decorator
@inline
function float16In8(p: usize, q: usize): void {
  const bits = v128.load(p);
  const size = v128.and(bits, i16x8.splat(0x7fff));
  // 1 to 0x3ff are subnormal, 0x7c00 and above not finite; 0 wraps around to the largest.
  const odd = v128.or(
    i16x8.lt_u(i16x8.sub(size, i16x8.splat(1)), i16x8.splat(0x3ff)),
    i16x8.gt_s(size, i16x8.splat(0x7bff)),
  );
  if (v128.any_true(odd)) {
    for (let i: usize = 0; i < 8; i++) i32.store(q + (i << 2), float16In(<i32>i32.load16_u(p + (i << 1))));
    return;
  }
  const kept = i32x4.splat(0x8fffe000);
  const lift = f32x4.splat(LIFT);
  v128.store(q, f32x4.mul(v128.and(i32x4.shl(i32x4.extend_low_i16x8_s(bits), 13), kept), lift));
  v128.store(q, f32x4.mul(v128.and(i32x4.shl(i32x4.extend_high_i16x8_s(bits), 13), kept), lift), 16);
}

/** The bits of the float32 that a float16's bits are. */
function float16In(bits: i32): i32 {
  let size = (bits & 0x7fff) << 13;
  if (size >= 0x0f800000) size |= 0x7f800000;
  else if (size >= 0x00800000) size += 112 << 23;
  else size = reinterpret<i32>(<f32>(size >> 13) * 5.960464477539063e-8); // 2^-24
  return size | ((bits & 0x8000) << 16);
}

/** Floats at x to halves at y, which may be x. */
export function halvesOut(kind: i32, x: usize, xStep: usize, y: usize, yStep: usize, lines: u32, n: u32): void {
  for (; lines; lines--, x += xStep, y += yStep) {
    let q = y;
    for (let p = x, end = x + ((<usize>n) << 2); p < end; p += 32, q += 16) {
      const left = (<u32>(end - p)) >> 2;
      const a = left < 4 ? loadPart(p, left) : v128.load(p);
      const b = left < 8 ? loadPart(p + 16, max(left, 4) - 4) : v128.load(p, 16);
      const halves = kind == FLOAT16 ? float16Out8(a, b) : i16x8.narrow_i32x4_u(bfloat16Out(a), bfloat16Out(b));
      if (left < 8) storeHalves(q, halves, left);
      else v128.store(q, halves);
    }
  }
}

function storeHalves(q: usize, halves: v128, count: u32): void {
  for (; count; count--, q += 2) {
    v128.store16_lane(q, halves, 0);
    halves = v128.shuffle<i16>(halves, halves, 1, 2, 3, 4, 5, 6, 7, 0);
  }
}

// @ts-ignore: decorator
@inline
function float16Out8(a: v128, b: v128): v128 {
  const signs = v128.and(v128.shuffle<i16>(a, b, 1, 3, 5, 7, 9, 11, 13, 15), i16x8.splat(-32768));
  return v128.or(signs, i16x8.narrow_i32x4_u(float16Out(a), float16Out(b)));
}

/**
 * Float16 without the sign. A float of 2^13 times the exponent, added and taken away, rounds to the float16's spacing, and
 * what the sum holds beyond it counts those spacings; 65536 stands for all that is too large.
 */
// @ts-ignore: decorator
@inline
function float16Out(v: v128): v128 {
  const size = v128.and(v, i32x4.splat(0x7fffffff));
  const infinite = i32x4.splat(0x7f800000);
  const nan = v128.and(i32x4.gt_s(size, infinite), i32x4.splat(0x200));
  const x = i32x4.min_s(size, i32x4.splat(0x47800000));
  const exponent = i32x4.max_s(v128.and(x, infinite), i32x4.splat(SMALLEST));
  const magic = i32x4.add(exponent, i32x4.splat(13 << 23));
  const count = i32x4.sub(f32x4.add(x, magic), magic);
  const base = i32x4.shr_u(i32x4.sub(exponent, i32x4.splat(SMALLEST)), 13);
  return v128.or(i32x4.add(count, base), nan);
}

// @ts-ignore: decorator
@inline
function bfloat16Out(v: v128): v128 {
  const top = i32x4.shr_u(v, 16);
  const rounded = i32x4.add(i32x4.add(v, i32x4.splat(0x7fff)), v128.and(top, i32x4.splat(1)));
  return v128.bitselect(v128.or(top, i32x4.splat(0x40)), i32x4.shr_u(rounded, 16), f32x4.ne(v, v));
}
