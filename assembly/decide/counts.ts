import { blockAt, keep, rewind } from './blocks';
import { keyOf, reaching, valueOf } from './keys';
import { BLOCK, Scratch } from './scratch';

/** The k first of what is kept, of any k: by halves between two keys, with a count of the row for each. */

/** Of what is kept leaves the first k; all, where there are no more. */
export function keepMost(s: Scratch, k: u32): void {
  let low = s.least;
  let high = keyOf(s.max) + 1;
  let above: u32 = 0;
  let t = reaching(low);
  let inRow = countFrom(s, t);
  if (inRow + adjustedFrom(s, low) <= k) return;
  while (high > low + 1) {
    const middle = (low & high) + ((low ^ high) >> 1);
    const reached = reaching(middle);
    if (reached != t) {
      t = reached;
      inRow = countFrom(s, t);
    }
    const count = inRow + adjustedFrom(s, middle);
    if (count >= k) low = middle;
    else {
      high = middle;
      above = count;
    }
  }
  keep(s, low, nthTie(s, low, k - above));
}

/** How many elements of the row are t or more; those that end it early are -Infinity. */
function countFrom(s: Scratch, t: f32): u32 {
  const v = f32x4.splat(t);
  let count = i32x4.splat(0);
  let count2 = count;
  rewind(s);
  for (let i: u32 = 0; i < s.blocks; i++) {
    const p = blockAt(s, i);
    for (let j: usize = 0; j < BLOCK * 4; j += 32) {
      count = i32x4.sub(count, f32x4.ge(v128.load(p + j), v));
      count2 = i32x4.sub(count2, f32x4.ge(v128.load(p + j, 16), v));
    }
  }
  count = i32x4.add(count, count2);
  count = i32x4.add(count, v128.shuffle<i32>(count, count, 2, 3, 0, 1));
  const all = i32x4.extract_lane(count, 0) + i32x4.extract_lane(count, 1);
  return t == -Infinity ? s.cols : all;
}

function adjustedFrom(s: Scratch, key: i64): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < s.adjusted; i++) count += u32(keyOf(s.value(i)) >= key);
  return count;
}

/** The column of the n-th that has a key. */
export function nthTie(s: Scratch, key: i64, n: u32): u32 {
  const value = valueOf(key);
  const single = <f32>value;
  const t = f32x4.splat(<f64>single == value ? single : NaN);
  rewind(s);
  for (let i: u32 = 0; i < s.blocks; i++) {
    let next = s.next;
    const p = blockAt(s, i);
    if (next == s.next && !hasAny(p, t)) continue;
    for (let j: u32 = 0; j < BLOCK; j++) {
      const column = i * BLOCK + j;
      const adjusted = next < s.next && s.id(next) == column;
      const v = adjusted ? s.value(next++) : <f64>load<f32>(p + ((<usize>j) << 2));
      if (v == value && --n == 0) return column;
    }
  }
  return s.cols;
}

function hasAny(p: usize, t: v128): bool {
  let found = f32x4.eq(v128.load(p), t);
  for (let j: usize = 16; j < BLOCK * 4; j += 16) found = v128.or(found, f32x4.eq(v128.load(p + j), t));
  return v128.any_true(found);
}
