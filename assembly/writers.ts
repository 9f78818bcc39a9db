import { Call, fromOf, spanAt, spanOf } from './call';
import { fill } from './fill';
import { demote, loadPart, storePart } from './lanes';
import { State } from './state';
import { Table } from './table';

/** Writers: passes that make the elements of a result. */

/**
 * y = W.write(x) over n elements, with up to four constants; y may be x. W is a class without fields: its inlined method is
 * the formula of four elements.
 */
export function map1<W>(x: usize, y: usize, n: u32, p: v128, q: v128, r: v128, t: v128): void {
  const writer = changetype<W>(0);
  const end = x + ((<usize>n) << 2);
  for (; x + 16 <= end; x += 16, y += 16) v128.store(y, writer.write(v128.load(x), p, q, r, t));
  const part = (<u32>(end - x)) >> 2;
  if (part) storePart(y, writer.write(loadPart(x, part), p, q, r, t), part);
}

/** y = W.write(a, b) over n elements, with the table and up to three constants; y may be a or b. */
export function map2<W>(a: usize, b: usize, y: usize, n: u32, k: Table, p: v128, q: v128, r: v128): void {
  const writer = changetype<W>(0);
  const end = a + ((<usize>n) << 2);
  for (; a + 16 <= end; a += 16, b += 16, y += 16) {
    v128.store(y, writer.write(v128.load(a), v128.load(b), k, p, q, r));
  }
  const part = (<u32>(end - a)) >> 2;
  if (part) storePart(y, writer.write(loadPart(a, part), loadPart(b, part), k, p, q, r), part);
}

/** Below 1/√2, the least 1/Σ of a certain row, as e of the max is at most √2; e times what is not above stays below 1 − 2^-24. */
// @ts-ignore: decorator
@inline const CERTAIN: f32 = 0.707;

/**
 * 1 where a lane is 1 − 2^-24: a row in which all but the max is nothing has e · fl(1 / e), which is one or the other, and
 * is to have 1 (docs/accuracy-bounds.md).
 */
// @ts-ignore: decorator
@inline
function certain(v: v128): v128 {
  return i32x4.sub(v, i32x4.eq(v, i32x4.splat(0x3f7fffff))); // the next float is the next integer
}

/** Far from the subnormal numbers and from overflow: 2^±100. */
// @ts-ignore: decorator
@inline const LEAST: f64 = 7.888609052210118e-31;
// @ts-ignore: decorator
@inline const MOST: f64 = 1.2676506002282294e30;

/** Whether f32 holds 24 bits of the factor. */
function fits(factor: f64): bool {
  const size = abs(factor);
  return size < MOST && (size > LEAST || size == 0);
}

/** y *= factor over n elements, rounded to f32; what comes to 1 − 2^-24 is 1. */
export function scaleRow(y: usize, n: u32, factor: f64): void {
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

/** n elements of e of a narrow group *= the factor of their lane, as scaleRow does: the factors must fit. */
export function scaleColumns(n: u32, factor01: v128, factor23: v128, s: State): void {
  const f = demote(factor01, factor23);
  const end = s.e + ((<usize>n) << 2);
  for (let c = s.e; c < end; c += 32) {
    v128.store(c, certain(f32x4.mul(v128.load(c), f)));
    v128.store(c, certain(f32x4.mul(v128.load(c, 16), f)), 16);
  }
}

/** Whether the factors of all four lanes fit. */
export function factorsFit(s: State): bool {
  return i64x2.all_true(v128.and(fit2(s.factor01), fit2(s.factor23)));
}

// @ts-ignore: decorator
@inline
function fit2(factors: v128): v128 {
  const size = f64x2.abs(factors);
  const isLarge = v128.or(f64x2.gt(size, f64x2.splat(LEAST)), f64x2.eq(size, f64x2.splat(0)));
  return v128.and(f64x2.lt(size, f64x2.splat(MOST)), isLarge);
}

/** e of a narrow group, or of lane i's row of the matrix at y, over its sum. */
// @ts-ignore: decorator
@inline
export function divideColumns(n: u32, s: State): void {
  const one = f64x2.splat(1);
  scaleColumns(n, f64x2.div(one, s.rest01), f64x2.div(one, s.rest23), s);
}
export function divideRow(y: usize, i: u32, call: Call): void {
  scaleRow(spanAt(y, call, i), spanOf(call, i), 1 / f64.load(call.state.lane64(i), offsetof<State>('rest01')));
}

/** What of lane i's row, which begins at y, takes no part. */
export function surround(y: usize, value: f64, i: u32, call: Call): void {
  const at = y + ((<usize>fromOf(call, i)) << 2);
  fill(y, at, <f32>value);
  fill(at + ((<usize>spanOf(call, i)) << 2), y + call.rowBytes, <f32>value);
}

/** What a total's f32 leaves out; 0 beside an infinite one, so that u − ∞ stays -∞. */
export function lowPart(total: f64): v128 {
  const hi = <f32>total;
  return f32x4.splat(abs(hi) == Infinity ? 0 : <f32>(total - <f64>hi));
}
