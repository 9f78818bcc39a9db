import { keepsAdjusted, keptAt, rewind } from './blocks';
import { exp2, weightOf } from './exp';
import { keyOf, NOTHING } from './keys';
import { BAND, BLOCK, Scratch } from './scratch';

/** Passes that weigh: sums of e = e^((v − max) / T), in float64, by groups of the row. */

/** Makes the table that brings any of four lanes to the front. */
export function shuffles(s: Scratch): void {
  for (let set: u32 = 0; set < 16; set++) {
    const at = s.fronts + ((<usize>set) << 4);
    let to: usize = 0;
    for (let lane: u32 = 0; lane < 4; lane++) {
      if ((set >> lane) & 1) {
        store<u32>(at + to, 0x03020100 + lane * 0x04040404);
        to += 4;
      }
    }
    for (; to < 16; to += 4) store<u32>(at + to, 0x80808080);
  }
}

/** A mask of four lanes for the first two, and for the last two, as float64. */
// @ts-ignore: decorator
@inline
function lowMask(mask: v128): v128 {
  return v128.shuffle<i32>(mask, mask, 0, 0, 1, 1);
}
// @ts-ignore: decorator
@inline
function highMask(mask: v128): v128 {
  return v128.shuffle<i32>(mask, mask, 2, 2, 3, 3);
}

/** What a pass finds: sums of e from a key on, and from a lower one on. */
@unmanaged
export class Weighed {
  /** Of elements b and above, of a and above, and of all. */
  above: f64;
  upToA: f64;
  all: f64;
}

/**
 * Weighs what is kept of the row: `sums` gets the sums of elements b and above by groups; the elements from a to b go to the
 * band, in their order. Where there are more than it has room for, `band` is more, and they are lost.
 */
export function weighRow(s: Scratch, a: f32, b: f32, found: Weighed): void {
  begin(s);
  const isPlain = s.adjusted == 0 && s.least <= NOTHING + 1;
  let sums = s.sums;
  for (let i: u32 = 0; i < s.blocks; sums += 8) {
    found.above = 0;
    const end = min(i + s.groupBlocks, s.blocks);
    // Whole blocks of which all is kept need no look at each.
    const whole = isPlain ? min(end, s.cols / BLOCK) : i;
    if (whole > i) weighVectors(s, at(s, i), at(s, whole), a, b, found);
    for (i = max(i, whole); i < end; i++) {
      const x = keptAt(s, i);
      weighVectors(s, x, x + BLOCK * 4, a, b, found);
    }
    store<f64>(sums, found.above);
  }
  found.above = 0;
  for (let g: u32 = 0; g < s.groups; g++) found.above += load<f64>(s.sums + ((<usize>g) << 3));
}

/** The same of elements in [low, high) alone, which are few: the sums by groups grow by those b and above. */
export function weighBetween(s: Scratch, low: f32, high: f32, a: f32, b: f32, found: Weighed): void {
  begin(s);
  const start = f32x4.splat(low);
  const end = f32x4.splat(high);
  const packed = s.packed;
  let total: f64 = 0;
  let sums = s.sums;
  for (let i: u32 = 0; i < s.blocks; sums += 8) {
    found.above = 0;
    for (const stop = min(i + s.groupBlocks, s.blocks); i < stop; i++) {
      const x = keptAt(s, i);
      let to = packed;
      for (let j: usize = 0; j < BLOCK * 4; j += 16) {
        const v = v128.load(x + j);
        to = front(s, to, v, v128.andnot(f32x4.ge(v, start), f32x4.ge(v, end)));
      }
      if (to == packed) continue;
      v128.store(to, f32x4.splat(-Infinity));
      weighVectors(s, packed, to, a, b, found);
    }
    total += found.above;
    store<f64>(sums, load<f64>(sums) + found.above);
  }
  found.above = total;
}

/** The same of the band, which is left with what is from a to b. */
export function weighBand(s: Scratch, a: f32, b: f32, found: Weighed): void {
  const n = s.band;
  begin(s);
  const start = s.values32;
  const end = start + ((<usize>n) << 2);
  v128.store(end, f32x4.splat(-Infinity));
  weighVectors(s, start, end, a, b, found);
}

// @ts-ignore: decorator
@inline
function at(s: Scratch, block: u32): usize {
  return s.x + ((<usize>block * BLOCK) << 2);
}

function begin(s: Scratch): void {
  const found = changetype<Weighed>(s.weighed);
  found.above = 0;
  found.upToA = 0;
  found.all = 0;
  s.band = 0;
  rewind(s);
}

/** The lanes of v that are in the set, to `to`; returns where the next go. */
// @ts-ignore: decorator
@inline
function front(s: Scratch, to: usize, v: v128, set: v128): usize {
  const lanes = i32x4.bitmask(set);
  v128.store(to, i8x16.swizzle(v, v128.load(s.fronts + ((<usize>lanes) << 4))));
  return to + ((<usize>popcnt(lanes)) << 2);
}

/** Adds the e of whole vectors [x, end), and elements from a to b to the band. */
function weighVectors(s: Scratch, x: usize, end: usize, a: f32, b: f32, found: Weighed): void {
  const from = f32x4.splat(a);
  const to = f32x4.splat(b);
  const top = f64x2.splat(s.max);
  const scale = f64x2.splat(s.scale);
  const c1 = s.c1;
  const c2 = s.c2;
  const c3 = s.c3;
  const c4 = s.c4;
  const c5 = s.c5;
  const c6 = s.c6;
  const c7 = s.c7;
  const c8 = s.c8;
  const one = s.one;
  const round = s.round;
  const lowest = s.lowest;
  const room = s.values32 + (BAND << 2);
  let band = s.values32 + ((<usize>min(s.band, BAND)) << 2);
  let lost = s.band > BAND ? s.band - BAND : 0;
  let all: v128 = f64x2.splat(0);
  let above = all;
  let upToA = all;
  for (; x < end; x += 16) {
    const v = v128.load(x);
    const z = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(v), top), scale);
    const y = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(x, 8)), top), scale);
    const e = exp2(z, c1, c2, c3, c4, c5, c6, c7, c8, one, round, lowest);
    const f = exp2(y, c1, c2, c3, c4, c5, c6, c7, c8, one, round, lowest);
    const isAbove = f32x4.ge(v, to);
    const isKnown = f32x4.ge(v, from);
    all = f64x2.add(all, f64x2.add(e, f));
    above = f64x2.add(above, f64x2.add(v128.and(e, lowMask(isAbove)), v128.and(f, highMask(isAbove))));
    upToA = f64x2.add(upToA, f64x2.add(v128.and(e, lowMask(isKnown)), v128.and(f, highMask(isKnown))));
    band = front(s, band, v, v128.andnot(isKnown, isAbove));
    if (band > room) {
      lost += <u32>((band - room) >> 2);
      band = room;
    }
  }
  s.band = <u32>((band - s.values32) >> 2) + lost;
  found.above += f64x2.extract_lane(above, 0) + f64x2.extract_lane(above, 1);
  found.upToA += f64x2.extract_lane(upToA, 0) + f64x2.extract_lane(upToA, 1);
  found.all += f64x2.extract_lane(all, 0) + f64x2.extract_lane(all, 1);
}

/** The sum of the adjusted ones that are kept, of keys in [from, below). */
export function adjustedMass(s: Scratch, from: i64, below: i64): f64 {
  let sum: f64 = 0;
  for (let i: u32 = 0; i < s.adjusted; i++) {
    const key = keyOf(s.value(i));
    if (key >= from && key < below && keepsAdjusted(s, i)) sum += weightOf(s, s.value(i));
  }
  return sum;
}

export function countAdjusted(s: Scratch, from: i64, below: i64): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < s.adjusted; i++) {
    const key = keyOf(s.value(i));
    count += u32(key >= from && key < below);
  }
  return count;
}
