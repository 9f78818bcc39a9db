import { expVectors, PAIRS } from './exp';
import { BLOCK, EACH, expSum, PAIRED } from './exp-sum';
import { hmax, hsum, loadPart, loadPartOr, storePart, widenAdd, widenAddAt } from './lanes';
import { CERTAIN, certain, COUNT, EDGE, fits, LOW, MAGIC_N, MAX, REST, PART, SHIFT, SUMS, E_MAX32, X } from './state';

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
  for (; x + 128 <= end; x += 128) {
    a = f32x4.pmax(a, f32x4.pmax(v128.load(x), v128.load(x, 16)));
    b = f32x4.pmax(b, f32x4.pmax(v128.load(x, 32), v128.load(x, 48)));
    c = f32x4.pmax(c, f32x4.pmax(v128.load(x, 64), v128.load(x, 80)));
    d = f32x4.pmax(d, f32x4.pmax(v128.load(x, 96), v128.load(x, 112)));
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
  if (i32.load(k, PAIRS)) rowExp(x, y, n, PAIRED, i, k, s, ahead);
  else rowStretches(x, y, n, f32x4.splat(-1), i, k, s, ahead); // no e is −1
}

/**
 * The same of rows whose Σ without the max's own e is wanted: that is SUMS + COUNT · e of the max. COUNT begins at −1, and
 * grows by one where an e of the max is left out of SUMS. y may be 0.
 */
export function rowRest(x: usize, y: usize, n: u32, i: u32, k: usize, s: usize, ahead: usize): void {
  rowStretches(x, y, n, v128.load32_splat(s + ((<usize>i) << 2), E_MAX32), i, k, s, ahead);
}

/**
 * Each e as f64. A stretch whose sum is little more than `top` may hold that and almost nothing else, which subtracting
 * it would leave few digits of: there the others are summed by themselves.
 */
function rowStretches(x: usize, y: usize, n: u32, top: v128, i: u32, k: usize, s: usize, ahead: usize): void {
  const acc = s + ((<usize>i) << 4) + SUMS;
  const least = <f64>f32x4.extract_lane(top, 0);
  const step = y ? (<usize>STRETCH) << 2 : 0;
  if (!y) y = s + X;
  for (let at: u32 = 0; at < n; at += STRETCH, x += (<usize>STRETCH) << 2, y += step) {
    const some = min(n - at, STRETCH);
    const before = v128.load(acc);
    v128.store(acc, v128.xor(before, before));
    rowExp(x, y, some, EACH, i, k, s, ahead);
    let sum = v128.load(acc);
    const all = f64x2.extract_lane(hsum(sum), 0);
    if (all >= least && all < least * 1.0625) sum = sumOthers(y, some, top, i, s);
    v128.store(acc, f64x2.add(before, sum));
  }
}

/** e to y, whole blocks eight vectors at a time; the row's tail, and rows that are shifted, vector by vector. */
function rowExp(x: usize, y: usize, n: u32, how: i32, i: u32, k: usize, s: usize, ahead: usize): void {
  const lane = s + ((<usize>i) << 2);
  const acc = s + ((<usize>i) << 4);
  const shift = v128.load32_splat(lane, SHIFT);
  const lo = v128.load32_splat(lane, LOW);
  const magic = v128.load32_splat(lane, MAGIC_N);
  const tail = v128.any_true(shift) ? n : n & (BLOCK - 1);
  const part = tail & 3;
  const full = (<usize>(n - tail)) << 2;
  const whole = (<usize>(tail - part)) << 2;
  let sum = expSum(x, y, x + full, how, lo, magic, k, v128.load(acc, SUMS), ahead);
  x += full;
  y += full;
  if (whole) expVectors(x, y, whole, shift, lo, magic, k);
  for (const end = y + whole; y < end; y += 16) sum = widenAddAt(sum, y);
  if (part) {
    v128.store(s, loadPartOr(x + whole, part, f32x4.splat(-Infinity)), PART);
    expVectors(s + PART, s + PART, 16, shift, lo, magic, k);
    storePart(y, v128.load(s, PART), part);
    sum = widenAddAt(sum, s + PART);
  }
  v128.store(acc, sum, SUMS);
}

/** Σ of the n elements at e that are not `left`; COUNT += 1 where one is: the sum of two would be more. */
function sumOthers(e: usize, n: u32, left: v128, i: u32, s: usize): v128 {
  const lane = s + ((<usize>i) << 2);
  let sum = v128.xor(left, left);
  let found = sum;
  for (const end = e + ((<usize>n) << 2); e < end; e += 16) {
    const part = (<u32>(end - e)) >> 2;
    const u = part < 4 ? loadPart(e, part) : v128.load(e);
    const is = f32x4.eq(u, left);
    found = v128.or(found, is);
    sum = widenAdd(sum, v128.andnot(u, is));
  }
  f32.store(lane, f32.load(lane, COUNT) + <f32>v128.any_true(found), COUNT);
  return sum;
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

/** y *= factor, rounded to f32; what comes to 1 − 2^-24 is 1. */
export function rowScale(y: usize, n: u32, factor: f64): void {
  const end = y + ((<usize>n) << 2);
  if (!fits(factor)) {
    for (; y < end; y += 4) f32.store(y, <f32>(<f64>f32.load(y) * factor));
    return;
  }
  const rounded = <f32>factor;
  const f = f32x4.splat(rounded);
  if (!(rounded > CERTAIN)) {
    for (; y + 64 <= end; y += 64) {
      v128.store(y, f32x4.mul(v128.load(y), f));
      v128.store(y, f32x4.mul(v128.load(y, 16), f), 16);
      v128.store(y, f32x4.mul(v128.load(y, 32), f), 32);
      v128.store(y, f32x4.mul(v128.load(y, 48), f), 48);
    }
  }
  for (; y < end; y += 16) {
    const part = (<u32>(end - y)) >> 2;
    const a = certain(f32x4.mul(part < 4 ? loadPart(y, part) : v128.load(y), f));
    if (part < 4) storePart(y, a, part);
    else v128.store(y, a);
  }
}
