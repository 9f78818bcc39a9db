import { ALL, BLOCK, Scratch } from './scratch';
import { keyOf, NOTHING, reaching, valueOf } from './keys';

/** Blocks of the row, in their order, from `rewind` on. */

export function rewind(s: Scratch): void {
  s.next = 0;
}

/** Where the 64 elements of block i are: -Infinity where bias or penalties touch an id, and after the row's end. */
export function blockAt(s: Scratch, i: u32): usize {
  const from = i * BLOCK;
  const p = s.x + ((<usize>from) << 2);
  const end = from + BLOCK;
  const touched = s.next < s.adjusted && s.id(s.next) < end;
  if (!touched && end <= s.cols) return p;
  const block = s.block;
  const left = min(s.cols - from, BLOCK);
  memory.copy(block, p, (<usize>left) << 2);
  for (let j = left; j < BLOCK; j++) store<f32>(block + ((<usize>j) << 2), -Infinity);
  let next = s.next;
  for (; next < s.adjusted && s.id(next) < end; next++)
    store<f32>(block + ((<usize>(s.id(next) - from)) << 2), -Infinity);
  s.next = next;
  return block;
}

/** What is kept from here on: no key below `least`, and of those that have it no index after `tie`. */
export function keep(s: Scratch, least: i64, tie: u32): void {
  s.least = least;
  s.least32 = reaching(least);
  s.tie = tie;
}

/** The same block, -Infinity also for what is not kept. */
export function keptAt(s: Scratch, i: u32): usize {
  const p = blockAt(s, i);
  if (s.least <= NOTHING + 1) return p;
  const block = s.block;
  const from = i * BLOCK;
  const t = f32x4.splat(s.least32);
  const none = f32x4.splat(-Infinity);
  for (let j: usize = 0; j < BLOCK * 4; j += 16) {
    const v = v128.load(p + j);
    v128.store(block + j, v128.bitselect(v, none, f32x4.ge(v, t)));
  }
  if (s.tie != ALL && from + BLOCK - 1 > s.tie) dropTies(s, block, from);
  return block;
}

/** -Infinity for the elements of a block from `from` on that have the least value and come after the last tie. */
function dropTies(s: Scratch, block: usize, from: u32): void {
  const least = valueOf(s.least);
  for (let j = s.tie + 1 > from ? s.tie + 1 - from : 0; j < BLOCK; j++) {
    const at = block + ((<usize>j) << 2);
    if (<f64>load<f32>(at) == least) store<f32>(at, -Infinity);
  }
}

/** Whether an adjusted one is kept. */
export function keepsAdjusted(s: Scratch, i: u32): bool {
  const key = keyOf(s.value(i));
  return key > s.least || (key == s.least && s.id(i) <= s.tie);
}

/**
 * The largest of each bin and of the row. Returns false where the row has a NaN or +Infinity, or nothing above -Infinity.
 * NaN shows in a sum; so may a sum beyond float32, so that a NaN is then looked for.
 */
export function maxima(s: Scratch): bool {
  let sum = f32x4.splat(0);
  let sum2 = sum;
  let top = f32x4.splat(-Infinity);
  let bin = s.bins;
  rewind(s);
  const step = s.groupBlocks;
  for (let i: u32 = 0; i < s.blocks; bin += 16) {
    let a = f32x4.splat(-Infinity);
    let b = a;
    for (const end = min(i + step, s.blocks); i < end; i++) {
      const p = blockAt(s, i);
      for (let j: usize = 0; j < BLOCK * 4; j += 64) {
        const v0 = v128.load(p + j);
        const v1 = v128.load(p + j, 16);
        const v2 = v128.load(p + j, 32);
        const v3 = v128.load(p + j, 48);
        sum = f32x4.add(sum, f32x4.add(v0, v1));
        sum2 = f32x4.add(sum2, f32x4.add(v2, v3));
        a = f32x4.pmax(a, f32x4.pmax(v0, v1));
        b = f32x4.pmax(b, f32x4.pmax(v2, v3));
      }
    }
    a = f32x4.pmax(a, b);
    v128.store(bin, a);
    top = f32x4.pmax(top, a);
  }
  sum = f32x4.add(sum, sum2);
  top = f32x4.pmax(top, v128.shuffle<i32>(top, top, 2, 3, 0, 1));
  top = f32x4.pmax(top, v128.shuffle<i32>(top, top, 1, 0, 3, 2));
  s.max = f32x4.extract_lane(top, 0);
  return !v128.any_true(f32x4.ne(sum, sum)) || !hasNaN(s);
}

function hasNaN(s: Scratch): bool {
  rewind(s);
  for (let i: u32 = 0; i < s.blocks; i++) {
    const p = blockAt(s, i);
    for (let j: usize = 0; j < BLOCK * 4; j += 16) {
      const v = v128.load(p + j);
      if (v128.any_true(f32x4.ne(v, v))) return true;
    }
  }
  return false;
}
