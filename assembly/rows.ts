import { Call, fromOf, spanAt, spanOf } from './call';
import { exp4Full, expVectors } from './exp';
import { BLOCK, EACH, expSum, PAIRED } from './exp-sum';
import { hmax, hsum, loadPart, loadPartOr, promoteHigh, storePart, widenAdd, widenAddAt } from './lanes';
import { State } from './state';
import { Table } from './table';
import { madd } from './tier';

/** Statistics of a wide row, in lane i of the state: passes along its columns. x, y point to the matrices; y may be x. */

/** Elements whose e are summed in one go, and staged where nobody wants them: what the state's columns have room for. */
// @ts-ignore: decorator
@inline const STRETCH: u32 = 512;

/** The max, NaN aside: it comes back in the sum. */
export function rowMax(x: usize, i: u32, call: Call): void {
  const s = call.state;
  x = spanAt(x, call, i);
  let a = f32x4.splat(-Infinity);
  let b = a;
  let c = a;
  let d = a;
  const end = x + ((<usize>spanOf(call, i)) << 2);
  for (; x + 128 <= end; x += 128) {
    a = f32x4.pmax(a, f32x4.pmax(v128.load(x), v128.load(x, 16)));
    b = f32x4.pmax(b, f32x4.pmax(v128.load(x, 32), v128.load(x, 48)));
    c = f32x4.pmax(c, f32x4.pmax(v128.load(x, 64), v128.load(x, 80)));
    d = f32x4.pmax(d, f32x4.pmax(v128.load(x, 96), v128.load(x, 112)));
  }
  for (; x + 16 <= end; x += 16) a = f32x4.pmax(a, v128.load(x));
  if (x < end) b = f32x4.pmax(b, loadPartOr(x, (<u32>(end - x)) >> 2, b));
  v128.store32_lane(s.lane(i), hmax(f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d))), 0, offsetof<State>('max'));
}

/** The row's edge where the max is ±Infinity: NaN when a NaN is among the n elements at x. */
export function rowEdge(x: usize, n: u32, i: u32, s: State): void {
  if (abs(f32.load(s.lane(i), offsetof<State>('max'))) != Infinity) return;
  for (const end = x + ((<usize>n) << 2); x < end; x += 4) {
    const v = f32.load(x);
    if (v != v) f32.store(s.lane(i), NaN, offsetof<State>('edge'));
  }
}

/** The rest = Σ e, and e to y, unless that is 0. */
export function rowExpSum(x: usize, y: usize, i: u32, call: Call): void {
  stretchSums(x, y, call.table.pairs ? PAIRED : EACH, f32x4.splat(-1), false, i, call); // no e is −1
}

/** The rest = Σ e without the max's own, which is what is stored + `count` · e of the max; e to y, unless that is 0. */
export function rowRest(x: usize, y: usize, distances: bool, i: u32, call: Call): void {
  const s = call.state;
  f32.store(s.lane(i), -1, offsetof<State>('count'));
  stretchSums(x, y, EACH, v128.load32_splat(s.lane(i), offsetof<State>('top')), distances, i, call);
}

// @ts-ignore: decorator
@inline
function storeRest(sum: v128, i: u32, s: State): void {
  v128.store64_lane(s.lane64(i), hsum(sum), 0, offsetof<State>('rest01'));
}

/**
 * Σ e, EACH as f64 or PAIRED, which is the same sum however long the stretches are. A stretch of EACH whose sum is little more
 * than `top` may hold that and almost nothing else, which subtracting it would leave few digits of: there the others are
 * summed by themselves. `distances` adds Σ e (m − x) to the row's. Stretches end at the same columns, wherever it begins.
 */
function stretchSums(x: usize, y: usize, how: i32, top: v128, distances: bool, i: u32, call: Call): void {
  const s = call.state;
  let at = fromOf(call, i);
  const end = at + spanOf(call, i);
  const least = <f64>f32x4.extract_lane(top, 0);
  const zero = v128.xor(top, top); // shorter than a constant, which the compiler would repeat
  let rest = zero;
  const stay = !y;
  const start = spanAt(0, call, i);
  y = stay ? s.x : y + start;
  x += start;
  let next: u32 = 0;
  for (; at < end; at = next) {
    next = how == PAIRED && !stay ? end : min((at + STRETCH) & ~(STRETCH - 1), end);
    const some = next - at;
    let sum = rowExp(x, y, some, how, i, call, how == PAIRED ? rest : zero);
    if (how == PAIRED) rest = sum;
    else {
      const all = f64x2.extract_lane(hsum(sum), 0);
      if (all >= least && all < least * 1.0625) sum = sumOthers(y, some, top, i, s);
      rest = f64x2.add(rest, sum);
    }
    if (distances) addDistances(x, y, some, i, s);
    x += (<usize>some) << 2;
    if (!stay) y += (<usize>some) << 2;
  }
  storeRest(rest, i, s);
}

/**
 * sum + Σ e of n elements, and e to y: whole blocks eight vectors at a time; the tail, and rows that are shifted, vector by
 * vector.
 */
function rowExp(x: usize, y: usize, n: u32, how: i32, i: u32, call: Call, sum: v128): v128 {
  const s = call.state;
  const k = call.table;
  const shift = v128.load32_splat(s.lane(i), offsetof<State>('shift'));
  const lo = v128.load32_splat(s.lane(i), offsetof<State>('low'));
  const magic = v128.load32_splat(s.lane(i), offsetof<State>('magic'));
  const tail = v128.any_true(shift) ? n : n & (BLOCK - 1);
  const part = tail & 3;
  const full = (<usize>(n - tail)) << 2;
  const whole = (<usize>(tail - part)) << 2;
  sum = expSum(x, y, x + full, how, lo, magic, k, sum, s.ahead);
  x += full;
  y += full;
  if (whole) expVectors(x, y, whole, shift, lo, magic, k);
  for (const end = y + whole; y < end; y += 16) sum = widenAddAt(sum, y);
  if (part) {
    const at = changetype<usize>(s) + offsetof<State>('part');
    s.part = loadPartOr(x + whole, part, f32x4.splat(-Infinity));
    expVectors(at, at, 16, shift, lo, magic, k);
    storePart(y, s.part, part);
    sum = widenAddAt(sum, at);
  }
  return sum;
}

/** Σ of the n elements at e that are not `left`; `count` grows by 1 where one is: the sum of two would be more. */
function sumOthers(e: usize, n: u32, left: v128, i: u32, s: State): v128 {
  let sum = v128.xor(left, left);
  let found = sum;
  for (const end = e + ((<usize>n) << 2); e < end; e += 16) {
    const part = (<u32>(end - e)) >> 2;
    const u = part < 4 ? loadPart(e, part) : v128.load(e);
    const is = f32x4.eq(u, left);
    found = v128.or(found, is);
    sum = widenAdd(sum, v128.andnot(u, is));
  }
  const count = f32.load(s.lane(i), offsetof<State>('count')) + <f32>v128.any_true(found);
  f32.store(s.lane(i), count, offsetof<State>('count'));
  return sum;
}

/** Σ a·u of a row. */
export function rowDot(a: usize, u: usize, n: u32): f64 {
  let sum = f64x2.splat(0);
  let j: u32 = 0;
  for (; j + 16 <= n; j += 16, a += 64, u += 64) {
    const p = madd(v128.load(a, 16), v128.load(u, 16), f32x4.mul(v128.load(a), v128.load(u)));
    const q = madd(v128.load(a, 48), v128.load(u, 48), f32x4.mul(v128.load(a, 32), v128.load(u, 32)));
    sum = widenAdd(sum, f32x4.add(p, q));
  }
  for (; j < n; j += 4, a += 16, u += 16) {
    const whole = j + 4 <= n;
    const p = whole ? v128.load(a) : loadPart(a, n - j);
    sum = widenAdd(sum, f32x4.mul(p, whole ? v128.load(u) : loadPart(u, n - j)));
  }
  return f64x2.extract_lane(hsum(sum), 0);
}

/** Σ exp(l)·u of a row, products in f64: e^88 times 2 is more than f32 holds. */
export function rowExpDot(l: usize, u: usize, n: u32, k: Table): f64 {
  let sum = f64x2.splat(0);
  for (let j: u32 = 0; j < n; j += 4, l += 16, u += 16) {
    const whole = j + 4 <= n;
    const a = exp4Full(whole ? v128.load(l) : loadPart(l, n - j), k);
    const b = whole ? v128.load(u) : loadPart(u, n - j);
    const low = f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b));
    sum = f64x2.add(sum, f64x2.add(low, f64x2.mul(promoteHigh(a), promoteHigh(b))));
  }
  return f64x2.extract_lane(hsum(sum), 0);
}

/** Σ g of a row. */
export function rowTotal(g: usize, n: u32): f64 {
  let sum = f64x2.splat(0);
  let j: u32 = 0;
  for (; j + 4 <= n; j += 4, g += 16) sum = widenAddAt(sum, g);
  if (j < n) sum = widenAdd(sum, loadPart(g, n - j));
  return f64x2.extract_lane(hsum(sum), 0);
}

/** e (m − x) of two elements. */
// @ts-ignore: decorator
@inline
export function term(e: v128, m: v128, x: v128): v128 {
  return v128.and(f64x2.mul(e, f64x2.sub(m, x)), f64x2.ne(e, f64x2.splat(0)));
}

/** Adds those of n elements of lane i's row, e at e, to its distance. */
function addDistances(x: usize, e: usize, n: u32, i: u32, s: State): void {
  const m = f64x2.splat(<f64>f32.load(s.lane(i), offsetof<State>('max')));
  let sum = f64x2.splat(0);
  for (const end = e + ((<usize>n) << 2); e < end; e += 16, x += 16) {
    const part = (<u32>(end - e)) >> 2;
    const u = part < 4 ? loadPart(e, part) : v128.load(e);
    const v = part < 4 ? loadPart(x, part) : v128.load(x);
    const low = term(f64x2.promote_low_f32x4(u), m, f64x2.promote_low_f32x4(v));
    sum = f64x2.add(sum, f64x2.add(low, term(promoteHigh(u), m, promoteHigh(v))));
  }
  const d = s.lane64(i);
  const all = f64.load(d, offsetof<State>('distance01')) + f64x2.extract_lane(hsum(sum), 0);
  f64.store(d, all, offsetof<State>('distance01'));
}
