import { fill } from '../fill';

/**
 * What does not take part: `dead`, +0 or -Infinity, takes its place at y, which may be x.
 *
 * x is of `lines` lines, `xStep` bytes apart, of n floats each; y and the mask likewise (a step of 0: one line of the mask
 * serves all). Nine arguments and more: two places of floats and what says which, each with its step.
 */

/** mask  u8, one an element, not 0: it takes part. */
export function maskBytes(
  mask: usize,
  maskStep: usize,
  x: usize,
  xStep: usize,
  y: usize,
  yStep: usize,
  lines: u32,
  n: u32,
  dead: f32,
): void {
  const none = reinterpret<i32>(dead);
  const zero = i64x2.splat(0);
  const upper = i16x8.splat(<i16>(none >> 16));
  for (; lines; lines--, mask += maskStep, x += xStep, y += yStep) {
    let m = mask;
    let p = x;
    let q = y;
    for (const end = mask + (n & ~15); m < end; m += 16, p += 64, q += 64) {
      const off = i8x16.eq(v128.load(m), zero);
      const on = i8x16.eq(off, zero);
      put8(p, q, v128.shuffle<i8>(on, on, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), upper);
      put8(
        p + 32,
        q + 32,
        v128.shuffle<i8>(on, on, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
        upper,
      );
    }
    for (const end = mask + n; m < end; m++, p += 4, q += 4) i32.store(q, select(i32.load(p), none, i32.load8_u(m)));
  }
}

/** mask  u32, ceil(n / 32) a line: bit j & 31 of word j >> 5 is element j's, 1: it takes part. */
export function maskBits(
  mask: usize,
  maskStep: usize,
  x: usize,
  xStep: usize,
  y: usize,
  yStep: usize,
  lines: u32,
  n: u32,
  dead: f32,
): void {
  const none = reinterpret<i32>(dead);
  const fill = i32x4.splat(none);
  const inPlace = x == y;
  for (; lines; lines--, mask += maskStep, x += xStep, y += yStep) {
    let m = mask;
    let p = x;
    let q = y;
    for (const end = x + ((<usize>(n & ~31)) << 2); p < end; m += 4, p += 128, q += 128) {
      const word = i32.load(m);
      if (word == -1 && inPlace) continue;
      // The sign of each lane is the bit of its element in the last vector, then in the one before it.
      let bits = i32x4.mul(i32x4.splat(word), i32x4(8, 4, 2, 1));
      put4(p + 112, q + 112, signs(bits, fill));
      put4(p + 96, q + 96, signs((bits = i32x4.shl(bits, 4)), fill));
      put4(p + 80, q + 80, signs((bits = i32x4.shl(bits, 4)), fill));
      put4(p + 64, q + 64, signs((bits = i32x4.shl(bits, 4)), fill));
      put4(p + 48, q + 48, signs((bits = i32x4.shl(bits, 4)), fill));
      put4(p + 32, q + 32, signs((bits = i32x4.shl(bits, 4)), fill));
      put4(p + 16, q + 16, signs((bits = i32x4.shl(bits, 4)), fill));
      put4(p, q, signs(i32x4.shl(bits, 4), fill));
    }
    const word = n & 31 ? i32.load(m) : 0;
    for (let j: u32 = 0; j < (n & 31); j++, p += 4, q += 4) i32.store(q, select(i32.load(p), none, (word >>> j) & 1));
  }
}

/** All ones where a lane is negative, else what is dead. */
// @ts-ignore: decorator
@inline
function signs(bits: v128, dead: v128): v128 {
  return v128.or(i32x4.shr_s(bits, 31), dead);
}

/** Eight elements, of which those take part whose half word of `on` is all ones; `upper`: the upper half of what is dead. */
// @ts-ignore: decorator
@inline
function put8(p: usize, q: usize, on: v128, upper: v128): void {
  const or = v128.or(on, upper);
  put4(p, q, v128.shuffle<i16>(on, or, 0, 8, 1, 9, 2, 10, 3, 11));
  put4(p + 16, q + 16, v128.shuffle<i16>(on, or, 4, 12, 5, 13, 6, 14, 7, 15));
}

/**
 * Four elements, of which those take part where `limit` is all ones; else it is what is dead. A select takes three operations,
 * this two: all ones are NaN, which pmin passes over, and what the dead value's bits leave of a number is not below it.
 */
// @ts-ignore: decorator
@inline
function put4(p: usize, q: usize, limit: v128): void {
  v128.store(q, f32x4.pmin(v128.and(v128.load(p), limit), limit));
}

/**
 * starts, ends  i32[lines] or 0 (0, n): columns outside [start, end) take no part. With spans, u32[lines, 2], only the
 * blocks of 32 columns in which something does are written, one at least, and spans says which.
 */
export function maskSpans(
  starts: usize,
  ends: usize,
  spans: usize,
  x: usize,
  xStep: usize,
  y: usize,
  yStep: usize,
  lines: u32,
  n: u32,
  dead: f32,
): void {
  for (let i: usize = 0; i < lines; i++, x += xStep, y += yStep) {
    const to = ends ? min(<u32>i32.load(ends + (i << 2)), n) : n;
    const from = starts ? min(<u32>i32.load(starts + (i << 2)), to) : 0;
    let low: u32 = 0;
    let high = n;
    if (spans) {
      low = min(from, n - 1) & ~31;
      high = min(max((to + 31) & ~31, low + 32), n);
      i32.store(spans + (i << 3), low);
      i32.store(spans + (i << 3), high, 4);
    }
    const begin = (<usize>from) << 2;
    const end = (<usize>to) << 2;
    fill(y + ((<usize>low) << 2), y + begin, dead);
    if (x != y) copy(x + begin, y + begin, y + end);
    fill(y + end, y + ((<usize>high) << 2), dead);
  }
}

/** Floats at x to [y, end): calling the runtime for it takes as long as some dozens. */
function copy(x: usize, y: usize, end: usize): void {
  for (; y + 64 <= end; x += 64, y += 64) {
    v128.store(y, v128.load(x));
    v128.store(y, v128.load(x, 16), 16);
    v128.store(y, v128.load(x, 32), 32);
    v128.store(y, v128.load(x, 48), 48);
  }
  for (; y < end; x += 4, y += 4) i32.store(y, i32.load(x));
}

/**
 * Takes the blocks at the ends of each line's span away that hold nothing but -Infinity, and leaves one at least; whether
 * there were any.
 */
export function trimSpans(x: usize, xStep: usize, lines: u32, spans: usize): bool {
  let isTrimmed = false;
  for (; lines; lines--, x += xStep, spans += 8) {
    let from = <u32>i32.load(spans);
    let to = <u32>i32.load(spans, 4);
    const before = to - from;
    while (from + 32 < to && isMasked(x, from, from + 32)) from += 32;
    for (let last = (to - 1) & ~31; last > from && isMasked(x, last, to); last -= 32) to = last;
    if (to - from == before) continue;
    isTrimmed = true;
    i32.store(spans, from);
    i32.store(spans, to, 4);
  }
  return isTrimmed;
}

function isMasked(x: usize, from: u32, to: u32): bool {
  const none = f32x4.splat(-Infinity);
  let p = x + ((<usize>from) << 2);
  const end = x + ((<usize>to) << 2);
  for (; p + 16 <= end; p += 16) if (v128.any_true(f32x4.ne(v128.load(p), none))) return false;
  for (; p < end; p += 4) if (f32.load(p) != -Infinity) return false;
  return true;
}
