import { blockAt, keepsAdjusted, keptAt, rewind } from './blocks';
import { weigh } from './candidates';
import { log1pOf, weightOf } from './exp';
import { reaching, valueOf } from './keys';
import { BLOCK, Scratch } from './scratch';
import { Weighed, weighRow } from './weigh';

/** A draw from what is kept: the first column whose cumulative sum exceeds u · total, or the last that weighs anything. */

/** From the candidates: which of them. */
export function drawCandidate(s: Scratch, u: f64): u32 {
  const goal = u * weigh(s);
  let sum: f64 = 0;
  let last: u32 = 0;
  for (let i: u32 = 0; i < s.count; i++) {
    const e = s.weight(i);
    if (e == 0) continue;
    sum += e;
    last = i;
    if (sum > goal) break;
  }
  return last;
}

/** log of the sum of the candidates' weights, over that of the largest. */
export function logAmong(s: Scratch): f64 {
  let rest: f64 = 0;
  let top = false;
  for (let i: u32 = 0; i < s.count; i++) {
    if (!top && s.score(i) == s.max) top = true;
    else rest += s.weight(i);
  }
  return log1pOf(rest);
}

/** A walk along the row that adds up what is kept, until the sum exceeds the goal. */
@unmanaged
export class Walk {
  sum: f64;
  goal: f64;
  /** The last column that weighs anything, and its value. */
  value: f64;
  column: u32;
}

/** From the row, of which the sums by groups from a key on may be known. */
export function drawRow(s: Scratch, w: Walk, u: f64, summed: i64): void {
  if (s.least < summed) addBelow(s, summed);
  else weighRow(s, s.least32, s.least32, changetype<Weighed>(s.weighed));
  addAdjusted(s);
  const sums = s.sums;
  let total: f64 = 0;
  for (let g: u32 = 0; g < s.groups; g++) total += load<f64>(sums + ((<usize>g) << 3));
  w.goal = u * total;
  w.sum = 0;
  let g: u32 = 0;
  for (; g + 1 < s.groups; g++) {
    const next = w.sum + load<f64>(sums + ((<usize>g) << 3));
    if (next > w.goal) break;
    w.sum = next;
  }
  // Rounded otherwise than by groups, the sum may come to the goal a little later or, at the end, not at all.
  walk(s, w, g * s.groupBlocks);
  for (w.goal = Infinity; w.column == s.cols && g > 0; g--) walk(s, w, (g - 1) * s.groupBlocks);
}

/** Adds to the sums what is kept and has a lower key. */
function addBelow(s: Scratch, summed: i64): void {
  const end = f32x4.splat(reaching(summed));
  const start = f32x4.splat(s.least32);
  const least = valueOf(s.least);
  rewind(s);
  let sums = s.sums;
  for (let i: u32 = 0; i < s.blocks; sums += 8) {
    let sum = load<f64>(sums);
    for (const stop = min(i + s.groupBlocks, s.blocks); i < stop; i++) {
      const x = blockAt(s, i);
      for (let j: u32 = 0; j < BLOCK; j += 4) {
        const p = x + ((<usize>j) << 2);
        const v = v128.load(p);
        let set = i32x4.bitmask(v128.andnot(f32x4.ge(v, start), f32x4.ge(v, end)));
        for (; set; set &= set - 1) {
          const lane = ctz(set);
          const value = <f64>load<f32>(p + ((<usize>lane) << 2));
          if (value > least || i * BLOCK + j + lane <= s.tie) sum += weightOf(s, value);
        }
      }
    }
    store<f64>(sums, sum);
  }
}

function addAdjusted(s: Scratch): void {
  const columns = s.groupBlocks * BLOCK;
  for (let i: u32 = 0; i < s.adjusted; i++) {
    if (!keepsAdjusted(s, i)) continue;
    const sum = s.sums + ((<usize>(s.id(i) / columns)) << 3);
    store<f64>(sum, load<f64>(sum) + weightOf(s, s.value(i)));
  }
}

function walk(s: Scratch, w: Walk, block: u32): void {
  w.column = s.cols;
  rewind(s);
  while (s.next < s.adjusted && s.id(s.next) < block * BLOCK) s.next++;
  for (; block < s.blocks; block++) {
    let next = s.next;
    const p = keptAt(s, block);
    for (let j: u32 = 0; j < BLOCK; j++) {
      const column = block * BLOCK + j;
      let v = <f64>load<f32>(p + ((<usize>j) << 2));
      if (next < s.next && s.id(next) == column) {
        if (keepsAdjusted(s, next)) v = s.value(next);
        next++;
      }
      if (v == -Infinity) continue;
      const e = weightOf(s, v);
      if (e == 0) continue;
      w.sum += e;
      w.column = column;
      w.value = v;
      if (w.sum > w.goal) return;
    }
  }
}

/** log of the sum of what is kept of the row, over the weight of the largest. */
export function logOfRow(s: Scratch): f64 {
  let rest: f64 = 0;
  let ties: f64 = -1;
  rewind(s);
  for (let i: u32 = 0; i < s.blocks; i++) {
    const p = keptAt(s, i);
    for (let j: usize = 0; j < BLOCK * 4; j += 4) {
      const v = <f64>load<f32>(p + j);
      if (v == s.max) ties += 1;
      else if (v > -Infinity) rest += weightOf(s, v);
    }
  }
  for (let i: u32 = 0; i < s.adjusted; i++) {
    if (!keepsAdjusted(s, i)) continue;
    if (s.value(i) == s.max) ties += 1;
    else rest += weightOf(s, s.value(i));
  }
  return log1pOf(rest + ties);
}
