import { C1, C2, C3, C4, C5, C6, exp4, exp4Cold, LN2_HI, LN2_LO, LOG2E, ONE } from './exp';
import { hmax, hsum, loadPart, loadPartOr, storePart, widenAdd } from './lanes';
import { EDGE, LOW, MAGIC_N, MAX, MAX_AT, REST, SHIFT, splits } from './state';
import { madd } from './tier';

/**
 * The passes over one row, or over one tile of a row too long to stage: x, y point to n elements, of which the first
 * is element `base` of the row. A tile begins at a multiple of STRETCH, so that every pass groups its elements the same
 * way however the row arrives. y may be x.
 */

/** Elements of a block: four vectors, of which two and two are summed in f32 before they go into f64. */
// @ts-ignore: decorator
@inline const BLOCK: u32 = 16;
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
export function rowMax(x: usize, n: u32, base: u32, s: usize): void {
  let m = v128.load(s, MAX);
  for (let at: u32 = 0; at < n; at += STRETCH) {
    const p = x + ((<usize>at) << 2);
    const best = maxOf(p, p + ((<usize>min(STRETCH, n - at)) << 2), m);
    if (v128.any_true(f32x4.gt(best, m))) {
      m = hmax(best);
      i32.store(s, base + at, MAX_AT);
    }
  }
  v128.store(s, m, MAX);
}

/** EDGE = NaN when a NaN is among x: asked only when the max is ±Infinity. */
export function rowEdge(x: usize, n: u32, s: usize): void {
  for (const end = x + ((<usize>n) << 2); x < end; x += 4) {
    const v = f32.load(x);
    if (v != v) v128.store(s, f32x4.splat(NaN), EDGE);
  }
}

/** REST (both lanes) += Σ e over x, and e to y unless y is 0. */
export function rowExpSum(x: usize, y: usize, n: u32, k: usize, s: usize): void {
  const full = n & ~(BLOCK - 1);
  v128.store(s, sumBlocks(x, y, full, k, s, v128.load(s, REST)), REST);
  if (full < n) sumPart(x + ((<usize>full) << 2), y ? y + ((<usize>full) << 2) : 0, n - full, false, k, s);
}

/** The same without the element that is the row's max (the first of them, when several are equal). */
export function rowRest(x: usize, y: usize, n: u32, base: u32, k: usize, s: usize): void {
  const at = i32.load(s, MAX_AT) - base;
  if (<u32>at < n) {
    const before = <u32>at + blockOf(x + ((<usize>at) << 2), n - at, v128.load(s, MAX));
    const bytes = (<usize>before) << 2;
    const block = min(BLOCK, n - before);
    v128.store(s, sumBlocks(x, y, before, k, s, v128.load(s, REST)), REST);
    sumPart(x + bytes, y ? y + bytes : 0, block, true, k, s);
    x += bytes + ((<usize>block) << 2);
    if (y) y += bytes + ((<usize>block) << 2);
    n -= before + block;
  }
  rowExpSum(x, y, n, k, s);
}

/** Where the block begins that holds the first element equal to m; m is ±Infinity or among the n elements. */
function blockOf(x: usize, n: u32, m: v128): u32 {
  let j: u32 = 0;
  for (; j + 4 <= n; j += 4) {
    if (v128.any_true(f32x4.eq(v128.load(x + ((<usize>j) << 2)), m))) break;
  }
  return min(j, n - 1) & ~(BLOCK - 1);
}

// @ts-ignore: decorator
@inline
function sumBlocks(x: usize, y: usize, n: u32, k: usize, s: usize, sum: v128): v128 {
  const end = x + ((<usize>n) << 2);
  const lo = v128.load(s, LOW);
  const magic = v128.load(s, MAGIC_N);
  const shift = v128.load(s, SHIFT);
  return y ? expSumStore(x, y, end, lo, magic, shift, k, sum) : expSum(x, end, lo, magic, shift, k, sum);
}

/**
 * sum + e0 + e1 + e2 + e3 with one f32 addition before f64: with two, softmax reaches 6.42 ULP where nothing is fused
 * (the simd tier, and relaxed SIMD on engines that do not fuse). 3 % of the kernel.
 */
// @ts-ignore: decorator
@inline
function addBlock(sum: v128, e0: v128, e1: v128, e2: v128, e3: v128): v128 {
  return widenAdd(widenAdd(sum, f32x4.add(e0, e1)), f32x4.add(e2, e3));
}

/** The hot loop: e of whole blocks to y, their sum onto `sum`. A function of its own: V8 spills less. */
function expSumStore(x: usize, y: usize, end: usize, lo: v128, magic: v128, shift: v128, k: usize, sum: v128): v128 {
  const log2e = v128.load32_splat(k, LOG2E);
  const hi = v128.load32_splat(k, LN2_HI);
  const low = v128.load32_splat(k, LN2_LO);
  const c1 = v128.load32_splat(k, C1);
  const c2 = v128.load32_splat(k, C2);
  const c3 = v128.load32_splat(k, C3);
  const c4 = v128.load32_splat(k, C4);
  const c5 = v128.load32_splat(k, C5);
  const c6 = v128.load32_splat(k, C6);
  const one = v128.load32_splat(k, ONE);
  for (; x < end; x += 64, y += 64) {
    const e0 = exp4(v128.load(x), shift, lo, magic, log2e, hi, low, c1, c2, c3, c4, c5, c6, one);
    v128.store(y, e0);
    const e1 = exp4(v128.load(x, 16), shift, lo, magic, log2e, hi, low, c1, c2, c3, c4, c5, c6, one);
    v128.store(y, e1, 16);
    const e2 = exp4(v128.load(x, 32), shift, lo, magic, log2e, hi, low, c1, c2, c3, c4, c5, c6, one);
    v128.store(y, e2, 32);
    const e3 = exp4(v128.load(x, 48), shift, lo, magic, log2e, hi, low, c1, c2, c3, c4, c5, c6, one);
    v128.store(y, e3, 48);
    sum = addBlock(sum, e0, e1, e2, e3);
  }
  return sum;
}

/** The same loop without the store. */
function expSum(x: usize, end: usize, lo: v128, magic: v128, shift: v128, k: usize, sum: v128): v128 {
  const log2e = v128.load32_splat(k, LOG2E);
  const hi = v128.load32_splat(k, LN2_HI);
  const low = v128.load32_splat(k, LN2_LO);
  const c1 = v128.load32_splat(k, C1);
  const c2 = v128.load32_splat(k, C2);
  const c3 = v128.load32_splat(k, C3);
  const c4 = v128.load32_splat(k, C4);
  const c5 = v128.load32_splat(k, C5);
  const c6 = v128.load32_splat(k, C6);
  const one = v128.load32_splat(k, ONE);
  for (; x < end; x += 64) {
    const e0 = exp4(v128.load(x), shift, lo, magic, log2e, hi, low, c1, c2, c3, c4, c5, c6, one);
    const e1 = exp4(v128.load(x, 16), shift, lo, magic, log2e, hi, low, c1, c2, c3, c4, c5, c6, one);
    const e2 = exp4(v128.load(x, 32), shift, lo, magic, log2e, hi, low, c1, c2, c3, c4, c5, c6, one);
    const e3 = exp4(v128.load(x, 48), shift, lo, magic, log2e, hi, low, c1, c2, c3, c4, c5, c6, one);
    sum = addBlock(sum, e0, e1, e2, e3);
  }
  return sum;
}

/** REST += Σ e over at most one block, vector by vector, leaving out the first element equal to MAX if so asked. */
function sumPart(x: usize, y: usize, n: u32, skipMax: bool, k: usize, s: usize): void {
  const lo = v128.load(s, LOW);
  const magic = v128.load(s, MAGIC_N);
  const shift = v128.load(s, SHIFT);
  let sum = v128.load(s, REST);
  for (let j: u32 = 0; j < n; j += 4) {
    const part = n - j < 4;
    const v = part ? loadPartOr(x, n - j, f32x4.splat(-Infinity)) : v128.load(x);
    let e = exp4Cold(v, shift, lo, magic, k);
    if (y) {
      if (part) storePart(y, e, n - j);
      else v128.store(y, e);
      y += 16;
    }
    if (skipMax) {
      const lanes = i32x4.bitmask(f32x4.eq(v, v128.load(s, MAX)));
      if (lanes) {
        e = v128.and(e, i32x4.ne(i32x4(0, 1, 2, 3), i32x4.splat(ctz(lanes))));
        skipMax = false;
      }
    }
    sum = widenAdd(sum, e);
    x += 16;
  }
  v128.store(s, sum, REST);
}

/** REST in every lane: ends a row's sum. */
export function rowSum(s: usize): void {
  const sum = hsum(v128.load(s, REST));
  v128.store(s, sum, REST);
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
