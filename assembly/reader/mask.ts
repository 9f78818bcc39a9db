import { fill } from '../fill';

/**
 * What does not take part: `dead` takes its place at y, which may be x.
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
  const none = i64x2.splat(0);
  const fill = f32x4.splat(dead);
  for (; lines; lines--, mask += maskStep, x += xStep, y += yStep) {
    let m = mask;
    let p = x;
    let q = y;
    for (const end = mask + (n & ~15); m < end; m += 16, p += 64, q += 64) {
      const off = i8x16.eq(v128.load(m), none);
      const low = i16x8.extend_low_i8x16_s(off);
      const high = i16x8.extend_high_i8x16_s(off);
      v128.store(q, v128.bitselect(fill, v128.load(p), i32x4.extend_low_i16x8_s(low)));
      v128.store(q, v128.bitselect(fill, v128.load(p, 16), i32x4.extend_high_i16x8_s(low)), 16);
      v128.store(q, v128.bitselect(fill, v128.load(p, 32), i32x4.extend_low_i16x8_s(high)), 32);
      v128.store(q, v128.bitselect(fill, v128.load(p, 48), i32x4.extend_high_i16x8_s(high)), 48);
    }
    for (const end = mask + n; m < end; m++, p += 4, q += 4) f32.store(q, i32.load8_u(m) ? f32.load(p) : dead);
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
  const none = i64x2.splat(0);
  const fill = f32x4.splat(dead);
  const first = i32x4(1, 2, 4, 8);
  for (; lines; lines--, mask += maskStep, x += xStep, y += yStep) {
    let m = mask;
    let p = x;
    let q = y;
    for (const end = x + ((<usize>(n & ~31)) << 2); p < end; m += 4) {
      const word = v128.load32_splat(m);
      let bits = first;
      for (const last = p + 128; p < last; p += 16, q += 16) {
        const off = i32x4.eq(v128.and(word, bits), none);
        v128.store(q, v128.bitselect(fill, v128.load(p), off));
        bits = i32x4.shl(bits, 4);
      }
    }
    const word = n & 31 ? i32.load(m) : 0;
    for (let j: u32 = 0; j < (n & 31); j++, p += 4, q += 4) f32.store(q, (word >>> j) & 1 ? f32.load(p) : dead);
  }
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

/** Takes the blocks at the ends of each line's span away that hold nothing but -Infinity, and leaves one at least. */
export function trimSpans(x: usize, xStep: usize, lines: u32, spans: usize): void {
  for (; lines; lines--, x += xStep, spans += 8) {
    let from = <u32>i32.load(spans);
    let to = <u32>i32.load(spans, 4);
    while (from + 32 < to && isMasked(x, from, from + 32)) from += 32;
    for (let last = (to - 1) & ~31; last > from && isMasked(x, last, to); last -= 32) to = last;
    i32.store(spans, from);
    i32.store(spans, to, 4);
  }
}

function isMasked(x: usize, from: u32, to: u32): bool {
  const none = f32x4.splat(-Infinity);
  let p = x + ((<usize>from) << 2);
  const end = x + ((<usize>to) << 2);
  for (; p + 16 <= end; p += 16) if (v128.any_true(f32x4.ne(v128.load(p), none))) return false;
  for (; p < end; p += 4) if (f32.load(p) != -Infinity) return false;
  return true;
}
