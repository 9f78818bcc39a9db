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
    const whole = n & ~31;
    if (kind == FLOAT16) float16In32(x, y, whole, kind);
    else bfloat16In32(x, y, whole);
    for (
      let p = x + ((<usize>whole) << 1), q = y + ((<usize>whole) << 2), end = x + ((<usize>n) << 1);
      p < end;
      p += 2, q += 4
    ) {
      const bits = <i32>i32.load16_u(p);
      i32.store(q, kind == FLOAT16 ? float16In(bits) : bits << 16);
    }
  }
}

/**
 * Blocks of 32. As float32s with an exponent of 112 less they are multiplied by 2^112; but a product of subnormal numbers
 * takes 50 times as long, so a block with those, infinities or NaN is made from the bits.
 */
function float16In32(p: usize, q: usize, n: u32, kind: i32): void {
  // V8 builds a constant anew at each turn of a loop, but not what it cannot know to be one.
  const zero = kind >> 8;
  const sizes = i16x8.splat(<i16>(zero | 0x7fff));
  const one = i16x8.splat(<i16>(zero | 1));
  const least = i16x8.splat(<i16>(zero | 0x3ff));
  const most = i16x8.splat(<i16>(zero | 0x7bff));
  const kept = i32x4.splat(zero | 0x8fffe000);
  const lift = f32x4.splat(LIFT + <f32>zero);
  for (const end = p + ((<usize>n) << 1); p < end; p += 64, q += 128) {
    const a = v128.and(v128.load(p), sizes);
    const b = v128.and(v128.load(p, 16), sizes);
    const c = v128.and(v128.load(p, 32), sizes);
    const d = v128.and(v128.load(p, 48), sizes);
    const large = i16x8.gt_s(i16x8.max_s(i16x8.max_s(a, b), i16x8.max_s(c, d)), most);
    // 0 wraps around to the largest: what is left below is 1 to 0x3ff.
    const ab = i16x8.min_u(i16x8.sub(a, one), i16x8.sub(b, one));
    const low = i16x8.min_u(ab, i16x8.min_u(i16x8.sub(c, one), i16x8.sub(d, one)));
    if (v128.any_true(v128.or(large, i16x8.ne(i16x8.max_u(low, least), low)))) {
      for (let i: usize = 0; i < 32; i++) i32.store(q + (i << 2), float16In(<i32>i32.load16_u(p + (i << 1))));
      continue;
    }
    for (let at: usize = 0; at < 64; at += 32) {
      const r = p + at;
      const t = q + (at << 1);
      v128.store(t, lifted(v128.load_ext<i16>(r), kept, lift));
      v128.store(t, lifted(v128.load_ext<i16>(r, 8), kept, lift), 16);
      v128.store(t, lifted(v128.load_ext<i16>(r, 16), kept, lift), 32);
      v128.store(t, lifted(v128.load_ext<i16>(r, 24), kept, lift), 48);
    }
  }
}

// @ts-ignore: decorator
@inline
function lifted(bits: v128, kept: v128, lift: v128): v128 {
  return f32x4.mul(v128.and(i32x4.shl(bits, 13), kept), lift);
}

function bfloat16In32(p: usize, q: usize, n: u32): void {
  for (const end = p + ((<usize>n) << 1); p < end; p += 32, q += 64) {
    v128.store(q, i32x4.shl(v128.load_ext<u16>(p), 16));
    v128.store(q, i32x4.shl(v128.load_ext<u16>(p, 8), 16), 16);
    v128.store(q, i32x4.shl(v128.load_ext<u16>(p, 16), 16), 32);
    v128.store(q, i32x4.shl(v128.load_ext<u16>(p, 24), 16), 48);
  }
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
    const whole = n & ~15;
    if (kind == FLOAT16) float16Out16(x, y, whole, kind);
    else bfloat16Out16(x, y, whole, kind);
    for (
      let p = x + ((<usize>whole) << 2), q = y + ((<usize>whole) << 1), end = x + ((<usize>n) << 2);
      p < end;
      p += 4, q += 2
    ) {
      const bits = i32.load(p);
      i32.store16(q, kind == FLOAT16 ? float16Out(bits) : bfloat16Out(bits));
    }
  }
}

/**
 * Blocks of 16. A float of 2^13 times the exponent, added and taken away, rounds to the float16's spacing, and what the sum
 * holds beyond it counts those spacings.
 */
function float16Out16(p: usize, q: usize, n: u32, kind: i32): void {
  const zero = kind >> 8;
  const sizes = i32x4.splat(zero | 0x7fffffff);
  const most = i32x4.splat(zero | 0x477fefff);
  const exponents = i32x4.splat(zero | 0x7f800000);
  const smallest = i32x4.splat(zero | SMALLEST);
  const raise = i32x4.splat(zero | (13 << 23));
  const sign = i16x8.splat(<i16>(zero | 0x8000));
  for (const end = p + ((<usize>n) << 2); p < end; p += 64, q += 32) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    const a1 = v128.and(a, sizes);
    const b1 = v128.and(b, sizes);
    const c1 = v128.and(c, sizes);
    const d1 = v128.and(d, sizes);
    // Too large, infinite or NaN: one by one.
    if (v128.any_true(i32x4.gt_s(i32x4.max_s(i32x4.max_s(a1, b1), i32x4.max_s(c1, d1)), most))) {
      for (let i: usize = 0; i < 16; i++) i32.store16(q + (i << 1), float16Out(i32.load(p + (i << 2))));
      continue;
    }
    const ab = i16x8.narrow_i32x4_u(counted(a1, exponents, smallest, raise), counted(b1, exponents, smallest, raise));
    const cd = i16x8.narrow_i32x4_u(counted(c1, exponents, smallest, raise), counted(d1, exponents, smallest, raise));
    v128.store(q, v128.or(ab, v128.and(v128.shuffle<i16>(a, b, 1, 3, 5, 7, 9, 11, 13, 15), sign)));
    v128.store(q, v128.or(cd, v128.and(v128.shuffle<i16>(c, d, 1, 3, 5, 7, 9, 11, 13, 15), sign)), 16);
  }
}

// @ts-ignore: decorator
@inline
function counted(x: v128, exponents: v128, smallest: v128, raise: v128): v128 {
  const exponent = i32x4.max_s(v128.and(x, exponents), smallest);
  const magic = i32x4.add(exponent, raise);
  const count = i32x4.sub(f32x4.add(x, magic), magic);
  return i32x4.add(count, i32x4.shr_u(i32x4.sub(exponent, smallest), 13));
}

/** The bits of the float16 that is nearest to a float32, from its bits. */
function float16Out(bits: i32): i32 {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  if (size > 0x477fefff) return sign | 0x7c00; // 65520 and more
  const exponent = max(size & 0x7f800000, SMALLEST);
  const magic = reinterpret<f32>(exponent + (13 << 23));
  const count = reinterpret<i32>(reinterpret<f32>(size) + magic) - reinterpret<i32>(magic);
  return sign | (count + ((exponent - SMALLEST) >> 13));
}

function bfloat16Out16(p: usize, q: usize, n: u32, kind: i32): void {
  const zero = kind >> 8;
  const half = i32x4.splat(zero | 0x7fff);
  const one = i32x4.splat(zero | 1);
  for (const end = p + ((<usize>n) << 2); p < end; p += 32, q += 16) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    if (v128.any_true(v128.or(f32x4.ne(a, a), f32x4.ne(b, b)))) {
      for (let i: usize = 0; i < 8; i++) i32.store16(q + (i << 1), bfloat16Out(i32.load(p + (i << 2))));
      continue;
    }
    v128.store(q, i16x8.narrow_i32x4_u(upper(a, half, one), upper(b, half, one)));
  }
}

/** Half a spacing, less one where the last bit is even. */
// @ts-ignore: decorator
@inline
function upper(v: v128, half: v128, one: v128): v128 {
  return i32x4.shr_u(i32x4.add(i32x4.add(v, half), v128.and(i32x4.shr_u(v, 16), one)), 16);
}

function bfloat16Out(bits: i32): i32 {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
