import { EXACT, exp4Cold, MODE } from './exp';
import { BLOCK, expSum } from './exp-sum';
import { hmax, loadPart, loadPartOr, storePart } from './lanes';
import { EDGE, LOW, MAGIC_N, MAX, MAX_AT, REST, SHIFT, splits, SUMS, X } from './state';
import { madd } from './tier';

/**
 * The passes over the row of lane i, or over one tile of a row too long to stage: x, y point to n elements, of which the
 * first is element `base` of the row. A tile begins at a multiple of STRETCH, so that every pass groups its elements the
 * same way however the row arrives. y may be x.
 */

/** Elements between two looks at whether the max has moved. */
// @ts-ignore: decorator
@inline const STRETCH: u32 = 256;

/** The max of 4·vectors elements in each lane, not below `m`; NaN elements do not count. */
// @ts-ignore: decorator
@inline
function maxOf(x: usize, end: usize, m: v128): v128 {
  let a = m;
  let b = m;
  let c = m;
  let d = m;
  for (; x + 64 <= end; x += 64) {
    a = f32x4.pmax(a, v128.load(x));
    b = f32x4.pmax(b, v128.load(x, 16));
    c = f32x4.pmax(c, v128.load(x, 32));
    d = f32x4.pmax(d, v128.load(x, 48));
  }
  for (; x + 16 <= end; x += 16) a = f32x4.pmax(a, v128.load(x));
  if (x < end) a = f32x4.pmax(a, loadPartOr(x, (<u32>(end - x)) >> 2, m));
  return f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d));
}

/**
 * MAX = max(MAX, max x), NaN aside (it comes back in the sum), and MAX_AT = where the stretch that holds it begins.
 */
export function rowMax(x: usize, n: u32, base: u32, i: u32, s: usize): void {
  s += (<usize>i) << 2;
  let m = v128.load32_splat(s, MAX);
  for (let at: u32 = 0; at < n; at += STRETCH) {
    const p = x + ((<usize>at) << 2);
    const best = maxOf(p, p + ((<usize>min(STRETCH, n - at)) << 2), m);
    if (v128.any_true(f32x4.gt(best, m))) {
      m = hmax(best);
      i32.store(s, base + at, MAX_AT);
    }
  }
  v128.store32_lane(s, m, 0, MAX);
}

/** EDGE = NaN when a NaN is among x: asked only when the max is ±Infinity. */
export function rowEdge(x: usize, n: u32, i: u32, s: usize): void {
  for (const end = x + ((<usize>n) << 2); x < end; x += 4) {
    const v = f32.load(x);
    if (v != v) f32.store(s + ((<usize>i) << 2), NaN, EDGE);
  }
}

/** SUMS += Σ e over x, and e to y. */
export function rowExpSum(x: usize, y: usize, n: u32, i: u32, k: usize, s: usize): void {
  sumBlocks(x, y, n, i32.load(k, MODE), i, k, s);
}

/**
 * The same exactly, without the element that is the row's max (the first of them, when several are equal); y may be 0.
 * That element of x is a mask while the row is summed, and then what it was.
 */
export function rowRest(x: usize, y: usize, n: u32, base: u32, i: u32, k: usize, s: usize): void {
  const lane = s + ((<usize>i) << 2);
  const from = i32.load(lane, MAX_AT) - base;
  if (<u32>from >= n) {
    sumBlocks(x, y, n, EXACT, i, k, s);
    return;
  }
  const max = v128.load32_splat(lane, MAX);
  const at = (<usize>(<u32>from + firstOf(x + ((<usize>from) << 2), n - from, max))) << 2;
  const was = i32.load(x + at);
  f32.store(x + at, -Infinity);
  sumBlocks(x, y, n, EXACT, i, k, s);
  i32.store(x + at, was);
  if (!y) return;
  const e = exp4Cold(
    max,
    v128.load32_splat(lane, SHIFT),
    v128.load32_splat(lane, LOW),
    v128.load32_splat(lane, MAGIC_N),
    k,
  );
  v128.store32_lane(y + at, e, 0);
}

/** Which of n elements is the first that equals m; the last, when m is ±Infinity and none does. */
function firstOf(x: usize, n: u32, max: v128): u32 {
  const m = f32x4.extract_lane(max, 0);
  let j: u32 = 0;
  while (j + 4 <= n && !v128.any_true(f32x4.eq(v128.load(x + ((<usize>j) << 2)), max))) j += 4;
  while (j + 1 < n && f32.load(x + ((<usize>j) << 2)) != m) j++;
  return j;
}

/** Whole blocks where they lie; the rest of the row, and rows that are shifted, block by block through a stage. */
function sumBlocks(x: usize, y: usize, n: u32, mode: u32, i: u32, k: usize, s: usize): void {
  const lane = s + ((<usize>i) << 2);
  const sums = s + ((<usize>i) << 4);
  const full = f32.load(lane, SHIFT) == 0 ? n & ~(BLOCK - 1) : 0;
  const end = x + ((<usize>full) << 2);
  const step = y ? (<usize>BLOCK) << 2 : 0;
  const lo = v128.load32_splat(lane, LOW);
  const magic = v128.load32_splat(lane, MAGIC_N);
  v128.store(sums, expSum(x, y ? y : s + X, end, step, mode, lo, magic, k, v128.load(sums, SUMS)), SUMS);
  if (y) y += (<usize>full) << 2;
  x = end;
  for (let j = full; j < n; j += BLOCK, x += BLOCK << 2, y += step) {
    sumStaged(x, y, min(BLOCK, n - j), mode, i, k, s);
  }
}

/** Up to a block, staged at s + X: shifted, and filled up with masks. */
function sumStaged(x: usize, y: usize, n: u32, mode: u32, i: u32, k: usize, s: usize): void {
  const t = s + X;
  const lane = s + ((<usize>i) << 2);
  const shift = v128.load32_splat(lane, SHIFT);
  for (let j: u32 = 0; j < BLOCK; j += 4, x += 16) {
    let v = f32x4.splat(-Infinity);
    if (j + 4 <= n) v = v128.load(x);
    else if (j < n) v = loadPartOr(x, n - j, v);
    v128.store(t + ((<usize>j) << 2), f32x4.sub(v, shift));
  }
  const lo = v128.load32_splat(lane, LOW);
  const magic = v128.load32_splat(lane, MAGIC_N);
  const sums = s + ((<usize>i) << 4);
  const to = y && n == BLOCK ? y : t;
  v128.store(sums, expSum(t, to, t + (BLOCK << 2), BLOCK << 2, mode, lo, magic, k, v128.load(sums, SUMS)), SUMS);
  if (!y || to == y) return;
  let j: u32 = 0;
  for (; j + 4 <= n; j += 4) v128.store(y + ((<usize>j) << 2), v128.load(t + ((<usize>j) << 2)));
  if (j < n) storePart(y + ((<usize>j) << 2), v128.load(t + ((<usize>j) << 2)), n - j);
}

/** REST from SUMS: ends the sums of a group. */
export function rowSum(s: usize): void {
  for (let i: usize = 0; i < 2; i++, s += 16) {
    const a = v128.load(s + (i << 4), SUMS);
    const b = v128.load(s + (i << 4), SUMS + 16);
    v128.store(s, f64x2.add(v128.shuffle<i64>(a, b, 0, 2), v128.shuffle<i64>(a, b, 1, 3)), REST);
  }
}

/** y *= factor, the factor as hi + lo: one rounding less than its f32 would cost. */
export function rowScale(y: usize, n: u32, factor: f64): void {
  const end = y + ((<usize>n) << 2);
  if (!splits(factor)) {
    for (; y < end; y += 4) f32.store(y, <f32>(<f64>f32.load(y) * factor));
    return;
  }
  const hi = f32x4.splat(<f32>factor);
  const lo = f32x4.splat(<f32>(factor - <f64>(<f32>factor)));
  for (; y + 32 <= end; y += 32) {
    const a = v128.load(y);
    const b = v128.load(y, 16);
    v128.store(y, madd(a, hi, f32x4.mul(a, lo)));
    v128.store(y, madd(b, hi, f32x4.mul(b, lo)), 16);
  }
  for (; y + 16 <= end; y += 16) {
    const a = v128.load(y);
    v128.store(y, madd(a, hi, f32x4.mul(a, lo)));
  }
  if (y < end) {
    const count = (<u32>(end - y)) >> 2;
    const a = loadPart(y, count);
    storePart(y, madd(a, hi, f32x4.mul(a, lo)), count);
  }
}
