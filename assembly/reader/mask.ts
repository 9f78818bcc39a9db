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
  for (; lines; lines--, mask += maskStep, x += xStep, y += yStep) {
    let m = mask;
    let p = x;
    let q = y;
    for (const end = mask + (n & ~3); m < end; m += 4, p += 16, q += 16) {
      const off = i8x16.eq(v128.load32_zero(m), i64x2.splat(0));
      select(i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(off)), p, q, dead);
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
  const bits = i32x4(1, 2, 4, 8);
  for (; lines; lines--, mask += maskStep, x += xStep, y += yStep) {
    let j: u32 = 0;
    for (; j + 4 <= n; j += 4) {
      const nibble = i32.load(mask + ((j >> 5) << 2)) >> (j & 31);
      const off = i32x4.eq(v128.and(i32x4.splat(nibble), bits), i64x2.splat(0));
      select(off, x + ((<usize>j) << 2), y + ((<usize>j) << 2), dead);
    }
    for (; j < n; j++) {
      const on = (i32.load(mask + ((j >> 5) << 2)) >> (j & 31)) & 1;
      f32.store(y + ((<usize>j) << 2), on ? f32.load(x + ((<usize>j) << 2)) : dead);
    }
  }
}

// @ts-ignore: decorator
@inline
function select(off: v128, x: usize, y: usize, dead: f32): void {
  v128.store(y, v128.bitselect(f32x4.splat(dead), v128.load(x), off));
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
    if (x != y) memory.copy(y + begin, x + begin, end - begin);
    fill(y + end, y + ((<usize>high) << 2), dead);
  }
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
