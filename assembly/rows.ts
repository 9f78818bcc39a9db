import { C1, C2, C3, C4, C5, C6, exp4, LN2_HI, LN2_LO, LOG2E, ONE, PAIRS } from './exp';
import { BLOCK, expSum } from './exp-sum';
import { hmax, loadPart, loadPartOr, promoteHigh, storePart, widenAdd } from './lanes';
import { COUNT, EDGE, LOW, MAGIC_N, MAX, REST, SHIFT, splits, SUMS, E_MAX32, X } from './state';
import { madd } from './tier';

/**
 * The passes over the row of lane i, or over one tile of a row too long to stage: x, y point to n elements. A tile begins
 * at a multiple of STRETCH, so that every pass groups its elements the same way however the row arrives. y may be x.
 */

/** Elements whose e are summed in one go, and staged where nobody wants them: what the state's columns have room for. */
// @ts-ignore: decorator
@inline const STRETCH: u32 = 512;

/** MAX = max(MAX, max x), NaN aside: it comes back in the sum. */
export function rowMax(x: usize, n: u32, i: u32, s: usize): void {
  s += (<usize>i) << 2;
  let a = v128.load32_splat(s, MAX);
  let b = a;
  let c = a;
  let d = a;
  const end = x + ((<usize>n) << 2);
  for (; x + 64 <= end; x += 64) {
    a = f32x4.pmax(a, v128.load(x));
    b = f32x4.pmax(b, v128.load(x, 16));
    c = f32x4.pmax(c, v128.load(x, 32));
    d = f32x4.pmax(d, v128.load(x, 48));
  }
  for (; x + 16 <= end; x += 16) a = f32x4.pmax(a, v128.load(x));
  if (x < end) b = f32x4.pmax(b, loadPartOr(x, (<u32>(end - x)) >> 2, b));
  v128.store32_lane(s, hmax(f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d))), 0, MAX);
}

/** EDGE = NaN when a NaN is among x: asked only when the max is ±Infinity. */
export function rowEdge(x: usize, n: u32, i: u32, s: usize): void {
  for (const end = x + ((<usize>n) << 2); x < end; x += 4) {
    const v = f32.load(x);
    if (v != v) f32.store(s + ((<usize>i) << 2), NaN, EDGE);
  }
}

/** SUMS += Σ e over x, and e to y. The caller reads x + ahead next; 0 says nothing of that. */
export function rowExpSum(x: usize, y: usize, n: u32, i: u32, k: usize, s: usize, ahead: usize): void {
  if (i32.load(k, PAIRS)) rowExp(x, y, n, true, i, k, s, ahead);
  else rowOthers(x, y, n, f32x4.splat(-1), i, k, s, ahead); // leaves out none
}

/** The same without the elements whose e is that of the max: COUNT += how many those are. y may be 0. */
export function rowRest(x: usize, y: usize, n: u32, i: u32, k: usize, s: usize, ahead: usize): void {
  rowOthers(x, y, n, v128.load32_splat(s + ((<usize>i) << 2), E_MAX32), i, k, s, ahead);
}

/** The e that equal `left` are left out. Summed by a pass of its own, from the cache: the hot loop has no registers for it. */
function rowOthers(x: usize, y: usize, n: u32, left: v128, i: u32, k: usize, s: usize, ahead: usize): void {
  const step = y ? (<usize>STRETCH) << 2 : 0;
  if (!y) y = s + X;
  for (let at: u32 = 0; at < n; at += STRETCH, x += (<usize>STRETCH) << 2, y += step) {
    const some = min(n - at, STRETCH);
    rowExp(x, y, some, false, i, k, s, ahead);
    sumOthers(y, some, left, i, s);
  }
}

/** e to y, whole blocks eight vectors at a time; the row's tail, and rows that are shifted, vector by vector. */
function rowExp(x: usize, y: usize, n: u32, pairs: bool, i: u32, k: usize, s: usize, ahead: usize): void {
  const lane = s + ((<usize>i) << 2);
  const acc = s + ((<usize>i) << 4);
  const shift = v128.load32_splat(lane, SHIFT);
  const lo = v128.load32_splat(lane, LOW);
  const magic = v128.load32_splat(lane, MAGIC_N);
  const tail = v128.any_true(shift) ? n : n & (BLOCK - 1);
  const full = (<usize>(n - tail)) << 2;
  let sum = expSum(x, y, x + full, pairs, lo, magic, k, v128.load(acc, SUMS), ahead);
  x += full;
  y += full;
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
  for (let left = <i32>tail; left > 0; left -= 4, x += 16, y += 16) {
    const v = left < 4 ? loadPartOr(x, left, f32x4.splat(-Infinity)) : v128.load(x);
    const e = exp4(f32x4.sub(v, shift), lo, magic, log2e, hi, low, c1, c2, c3, c4, c5, c6, one);
    if (left < 4) storePart(y, e, left);
    else v128.store(y, e);
    if (pairs) sum = widenAdd(sum, e);
  }
  v128.store(acc, sum, SUMS);
}

/** SUMS += Σ e over the n elements at e that are not `left`, COUNT += how many are. */
function sumOthers(e: usize, n: u32, left: v128, i: u32, s: usize): void {
  const lane = s + ((<usize>i) << 2);
  const acc = s + ((<usize>i) << 4);
  let a = v128.load(acc, SUMS);
  let b = v128.xor(a, a);
  let c = b;
  let d = b;
  let count = b;
  const end = e + ((<usize>n) << 2);
  for (; e + 32 <= end; e += 32) {
    const u = v128.load(e);
    const v = v128.load(e, 16);
    const isU = f32x4.eq(u, left);
    const isV = f32x4.eq(v, left);
    const keptU = v128.andnot(u, isU);
    const keptV = v128.andnot(v, isV);
    count = i32x4.sub(i32x4.sub(count, isU), isV);
    a = f64x2.add(a, f64x2.promote_low_f32x4(keptU));
    b = f64x2.add(b, promoteHigh(keptU));
    c = f64x2.add(c, f64x2.promote_low_f32x4(keptV));
    d = f64x2.add(d, promoteHigh(keptV));
  }
  for (; e < end; e += 16) {
    const part = (<u32>(end - e)) >> 2;
    const u = part < 4 ? loadPart(e, part) : v128.load(e);
    const is = f32x4.eq(u, left);
    count = i32x4.sub(count, is);
    a = widenAdd(a, v128.andnot(u, is));
  }
  v128.store(acc, f64x2.add(f64x2.add(a, b), f64x2.add(c, d)), SUMS);
  const all = i32x4.add(count, v128.shuffle<i32>(count, count, 2, 3, 0, 1));
  f32.store(lane, f32.load(lane, COUNT) + <f32>(i32x4.extract_lane(all, 0) + i32x4.extract_lane(all, 1)), COUNT);
}

/** REST from SUMS: ends the sums of a group. */
export function rowSum(s: usize): void {
  sumPair(s, s);
  sumPair(s + 32, s + 16);
}

function sumPair(from: usize, to: usize): void {
  const a = v128.load(from, SUMS);
  const b = v128.load(from, SUMS + 16);
  v128.store(to, f64x2.add(v128.shuffle<i64>(a, b, 0, 2), v128.shuffle<i64>(a, b, 1, 3)), REST);
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
