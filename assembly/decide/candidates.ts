import { blockAt, keep, rewind } from './blocks';
import { exp2 } from './exp';
import { keyOf, reaching } from './keys';
import { BLOCK, CANDIDATES, Scratch } from './scratch';

/** Candidates: a few values apart from their row, ascending by column, among which a stage decides exactly. */

/**
 * Gathers what has a key in [from, below). At most `most` of them are wanted, the first in the order of a stage: where more
 * come than there is room for, the others are dropped on the way; `most` 0 wants all, and returns false where there are too
 * many.
 */
export function gather(s: Scratch, from: i64, below: i64, most: u32): bool {
  s.count = 0;
  rewind(s);
  const bins = s.bins;
  const step = s.groupBlocks;
  const end = reaching(below);
  let start = reaching(from);
  for (let g: u32 = 0; g < s.groups; g++) {
    const first = g * step;
    const last = min(first + step, s.blocks);
    if (!v128.any_true(f32x4.ge(v128.load(bins + ((<usize>g) << 4)), f32x4.splat(start)))) {
      // Only adjusted ones are here.
      for (; s.next < s.adjusted && s.id(s.next) < last * BLOCK; s.next++) {
        if (s.count == CANDIDATES) {
          if (!most) return false;
          from = shrink(s, most);
          start = reaching(from);
        }
        pushAdjusted(s, s.next, from, below);
      }
      continue;
    }
    for (let i = first; i < last; i++) {
      if (s.count + BLOCK > CANDIDATES) {
        if (!most) return false;
        from = shrink(s, most);
        start = reaching(from);
      }
      const next = s.next;
      pushBlock(s, blockAt(s, i), i * BLOCK, start, end);
      for (let j = next; j < s.next; j++) pushAdjusted(s, j, from, below);
    }
  }
  return true;
}

/** The elements of a block in [start, end) and not after the last tie. */
function pushBlock(s: Scratch, p: usize, column: u32, start: f32, end: f32): void {
  const low = f32x4.splat(start);
  const high = f32x4.splat(end);
  for (const stop = column + BLOCK; column < stop; column += 16, p += 64) {
    let found = inside(p, low, high);
    found |= inside(p + 16, low, high) << 4;
    found |= inside(p + 32, low, high) << 8;
    found |= inside(p + 48, low, high) << 12;
    for (; found; found &= found - 1) {
      const i = ctz(found);
      push(s, column + i, <f64>load<f32>(p + ((<usize>i) << 2)));
    }
  }
}

// @ts-ignore: decorator
@inline
function inside(p: usize, low: v128, high: v128): i32 {
  const v = v128.load(p);
  return i32x4.bitmask(v128.andnot(f32x4.ge(v, low), f32x4.ge(v, high)));
}

function push(s: Scratch, column: u32, v: f64): void {
  if (column >= s.cols) return; // after the row's end
  if (column > s.tie && keyOf(v) == s.least) return;
  put(s, s.count++, column, v);
}

// @ts-ignore: decorator
@inline
function put(s: Scratch, i: u32, column: u32, v: f64): void {
  store<u32>(s.columns + ((<usize>i) << 2), column);
  store<f64>(s.scores + ((<usize>i) << 3), v);
}

/** An adjusted one, in its place among those of its block. */
function pushAdjusted(s: Scratch, i: u32, from: i64, below: i64): void {
  const v = s.value(i);
  const key = keyOf(v);
  if (key < from || key >= below) return;
  const column = s.id(i);
  if (column > s.tie && key == s.least) return;
  let at = s.count++;
  for (; at > 0 && s.candidate(at - 1) > column; at--) put(s, at, s.candidate(at - 1), s.score(at - 1));
  put(s, at, column, v);
}

/** Leaves the first `most`; returns the key from which on what comes later, with a higher index, may be before the last. */
function shrink(s: Scratch, most: u32): i64 {
  list(s);
  takePrefix(s, s.count, false, <f64>most);
  const last = s.score(s.ordered(most - 1));
  keepFirst(s, most);
  return keyOf(last) + 1;
}

/** All candidates, in any order: `takePrefix` orders them. */
export function list(s: Scratch): void {
  for (let i: u32 = 0; i < s.count; i++) store<u32>(s.order + ((<usize>i) << 2), i);
}

/** Drops what is not among the first `kept` of the order. */
export function keepFirst(s: Scratch, kept: u32): void {
  const count = s.count;
  const marks = s.weights; // of no use yet
  memory.fill(marks, 0, count);
  for (let i: u32 = 0; i < kept; i++) store<u8>(marks + s.ordered(i), 1);
  let to: u32 = 0;
  for (let i: u32 = 0; i < count; i++) if (load<u8>(marks + i)) put(s, to++, s.candidate(i), s.score(i));
  s.count = to;
}

/** e of each candidate; returns their sum. */
export function weigh(s: Scratch): f64 {
  const top = f64x2.splat(s.max);
  const scale = f64x2.splat(s.scale);
  const weights = s.weights - s.scores;
  const end = s.scores + ((<usize>s.count) << 3);
  let sum: f64 = 0;
  let v = s.scores;
  for (; v < end; v += 16) {
    const z = f64x2.mul(f64x2.sub(v128.load(v), top), scale);
    const e = exp2(z, s.c1, s.c2, s.c3, s.c4, s.c5, s.c6, s.c7, s.c8, s.one, s.round, s.lowest);
    v128.store(v + weights, e);
    sum += f64x2.extract_lane(e, 0);
    if (v + 8 < end) sum += f64x2.extract_lane(e, 1);
  }
  return sum;
}

/**
 * Puts the shortest prefix, of the first `count` of the order, whose weights sum to `goal` or more first, the last of it at
 * its end; returns how many it has. Each weighs 1 where they are not weighed. As src/decide/prefix.ts.
 */
export function takePrefix(s: Scratch, count: u32, weighed: bool, goal: f64): u32 {
  let from: u32 = 0;
  let to = count;
  let above: f64 = 0;
  let random: u32 = 1;
  while (to - from > 1) {
    random = random * 1664525 + 1013904223;
    const at = partition(s, from, to, from + (random % (to - from)));
    let mass = above;
    if (!weighed) mass += <f64>(at - from);
    else for (let i = from; i < at; i++) mass += s.weight(s.ordered(i));
    const withPivot = mass + (weighed ? s.weight(s.ordered(at)) : 1);
    if (mass >= goal) to = at;
    else if (withPivot >= goal) return at + 1;
    else {
      above = withPivot;
      from = at + 1;
    }
  }
  return max(to, 1);
}

function partition(s: Scratch, from: u32, to: u32, pivot: u32): u32 {
  const order = s.order;
  const last = to - 1;
  const chosen = s.ordered(pivot);
  const score = s.score(chosen);
  store<u32>(order + ((<usize>pivot) << 2), s.ordered(last));
  let at = from;
  for (let i = from; i < last; i++) {
    const candidate = s.ordered(i);
    const v = s.score(candidate);
    // Candidates ascend by column, so that ties go by their place.
    if (!(v > score || (v == score && candidate < chosen))) continue;
    store<u32>(order + ((<usize>i) << 2), s.ordered(at));
    store<u32>(order + ((<usize>at) << 2), candidate);
    at++;
  }
  store<u32>(order + ((<usize>last) << 2), s.ordered(at));
  store<u32>(order + ((<usize>at) << 2), chosen);
  return at;
}

/**
 * A key that at least `k` elements reach, as so many bins do, and not many more bins: between the least and the largest by
 * halves. What nothing may be below where there are fewer bins.
 */
export function bound(s: Scratch, k: u32, least: i64): i64 {
  const n = s.groups * 4;
  if (n < k) return least;
  const bins = s.bins;
  const keys = s.sums;
  const positive = i32x4.splat(i32.MAX_VALUE);
  let low = positive;
  let high = i32x4.splat(i32.MIN_VALUE);
  const bytes = (<usize>n) << 2;
  for (let j: usize = 0; j < bytes; j += 16) {
    const v = v128.load(bins + j);
    const key = v128.xor(v, v128.and(i32x4.shr_s(v, 31), positive));
    v128.store(keys + j, key);
    low = i32x4.min_s(low, key);
    high = i32x4.max_s(high, key);
  }
  let a = <i64>(
    min(
      min(i32x4.extract_lane(low, 0), i32x4.extract_lane(low, 1)),
      min(i32x4.extract_lane(low, 2), i32x4.extract_lane(low, 3)),
    )
  );
  let b =
    <i64>(
      max(
        max(i32x4.extract_lane(high, 0), i32x4.extract_lane(high, 1)),
        max(i32x4.extract_lane(high, 2), i32x4.extract_lane(high, 3)),
      )
    ) + 1;
  while (b - a > 1) {
    const middle = (a + b) >> 1;
    const count = countAbove(keys, bytes, <i32>middle - 1);
    if (count >= k) {
      a = middle;
      if (count <= k + (k >> 2)) break;
    } else b = middle;
  }
  const key = <i32>a;
  const v = <f64>reinterpret<f32>(key ^ ((key >> 31) & i32.MAX_VALUE));
  return max(keyOf(v), least);
}

function countAbove(keys: usize, bytes: usize, key: i32): u32 {
  const t = i32x4.splat(key);
  let count = i32x4.splat(0);
  for (const end = keys + bytes; keys < end; keys += 16) count = i32x4.sub(count, i32x4.gt_s(v128.load(keys), t));
  count = i32x4.add(count, v128.shuffle<i32>(count, count, 2, 3, 0, 1));
  return i32x4.extract_lane(count, 0) + i32x4.extract_lane(count, 1);
}

/** Keeps exactly the candidates among the first `kept` of the order: the last of them is the limit. */
export function limitOf(s: Scratch, kept: u32): void {
  const last = s.ordered(kept - 1);
  keep(s, keyOf(s.score(last)), s.candidate(last));
}
