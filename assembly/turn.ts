import { high2, high64, low2, low64 } from './lanes';
import { GROUP_BYTES, State } from './state';

/**
 * The reader of narrow rows: four of them are turned into vectors, one row per lane, so that every pass over them is
 * vertical, without a step across lanes or a tail; and their way back.
 */

/** The group's rows of f32[rows, cols] at x into its columns. */
export function gather(x: usize, cols: u32, s: State): void {
  const rowBytes = (<usize>cols) << 2;
  let c = s.x;
  let p0 = x + s.row(0) * rowBytes;
  let p1 = x + s.row(1) * rowBytes;
  let p2 = x + s.row(2) * rowBytes;
  let p3 = x + s.row(3) * rowBytes;
  for (const end = p0 + (rowBytes & ~15); p0 < end; p0 += 16, p1 += 16, p2 += 16, p3 += 16, c += 64) {
    const a = v128.load(p0);
    const b = v128.load(p1);
    const d = v128.load(p2);
    const e = v128.load(p3);
    const ab = low2(a, b);
    const de = low2(d, e);
    const ab2 = high2(a, b);
    const de2 = high2(d, e);
    v128.store(c, low64(ab, de));
    v128.store(c, high64(ab, de), 16);
    v128.store(c, low64(ab2, de2), 32);
    v128.store(c, high64(ab2, de2), 48);
  }
  gatherRest(p0, p1, p2, p3, c, cols);
}

/** The last cols & 3 of them. */
// @ts-ignore: decorator
@inline
function gatherRest(p0: usize, p1: usize, p2: usize, p3: usize, c: usize, cols: u32): void {
  if (cols & 2) {
    const ab = v128.load64_lane(p1, v128.load64_zero(p0), 1);
    const de = v128.load64_lane(p3, v128.load64_zero(p2), 1);
    v128.store(c, v128.shuffle<i32>(ab, de, 0, 2, 4, 6));
    v128.store(c, v128.shuffle<i32>(ab, de, 1, 3, 5, 7), 16);
  }
  if (cols & 1) {
    const last: usize = (cols & 2) << 2;
    let v = v128.load32_zero(p0 + last);
    v = v128.load32_lane(p1 + last, v, 1);
    v = v128.load32_lane(p2 + last, v, 2);
    v128.store(c + (last << 2), v128.load32_lane(p3 + last, v, 3));
  }
}

/** Columns at c into the group's rows of f32[rows, cols] at y. */
export function scatter(c: usize, y: usize, cols: u32, s: State): void {
  const rowBytes = (<usize>cols) << 2;
  let p0 = y + s.row(0) * rowBytes;
  let p1 = y + s.row(1) * rowBytes;
  let p2 = y + s.row(2) * rowBytes;
  let p3 = y + s.row(3) * rowBytes;
  for (const end = p0 + (rowBytes & ~15); p0 < end; p0 += 16, p1 += 16, p2 += 16, p3 += 16, c += 64) {
    const a = v128.load(c);
    const b = v128.load(c, 16);
    const d = v128.load(c, 32);
    const e = v128.load(c, 48);
    const ab = low2(a, b);
    const de = low2(d, e);
    const ab2 = high2(a, b);
    const de2 = high2(d, e);
    v128.store(p0, low64(ab, de));
    v128.store(p1, high64(ab, de));
    v128.store(p2, low64(ab2, de2));
    v128.store(p3, high64(ab2, de2));
  }
  scatterRest(p0, p1, p2, p3, c, cols);
}

/** The last cols & 3 of them. */
// @ts-ignore: decorator
@inline
function scatterRest(p0: usize, p1: usize, p2: usize, p3: usize, c: usize, cols: u32): void {
  if (cols & 2) {
    const a = v128.load(c);
    const b = v128.load(c, 16);
    const ab = low2(a, b);
    const de = high2(a, b);
    v128.store64_lane(p0, ab, 0);
    v128.store64_lane(p1, ab, 1);
    v128.store64_lane(p2, de, 0);
    v128.store64_lane(p3, de, 1);
  }
  if (cols & 1) {
    const last: usize = (cols & 2) << 2;
    const v = v128.load(c + (last << 2));
    v128.store32_lane(p0 + last, v, 0);
    v128.store32_lane(p1 + last, v, 1);
    v128.store32_lane(p2 + last, v, 2);
    v128.store32_lane(p3 + last, v, 3);
  }
}

/**
 * Rows that lie side by side, element (r, c) at c · step + 4 r: what a column of a group wants stands together already. No
 * row is left out; the last group may repeat its last. Of a whole batch each line of the cache is met once: steps of some KiB put the
 * lines of all columns into the same place of it.
 */
export function gatherBatch(x: usize, step: usize, cols: u32, s: State): void {
  x += s.row(0) << 2;
  for (let c = s.x, end = c + ((<usize>cols) << 4); c < end; c += 16, x += step) {
    v128.store(c, v128.load(x));
    v128.store(c, v128.load(x, 16), GROUP_BYTES);
    v128.store(c, v128.load(x, 32), 2 * GROUP_BYTES);
    v128.store(c, v128.load(x, 48), 3 * GROUP_BYTES);
  }
}

/** The columns of e of a whole batch to such rows. */
export function scatterBatch(y: usize, step: usize, cols: u32, s: State): void {
  y += s.row(0) << 2;
  for (let c = s.e, end = c + ((<usize>cols) << 4); c < end; c += 16, y += step) {
    v128.store(y, v128.load(c));
    v128.store(y, v128.load(c, GROUP_BYTES), 16);
    v128.store(y, v128.load(c, 2 * GROUP_BYTES), 32);
    v128.store(y, v128.load(c, 3 * GROUP_BYTES), 48);
  }
}

/** The rows of a group. */
export function gatherAcross(x: usize, step: usize, cols: u32, s: State): void {
  const bytes = (<usize>cols) << 4;
  if (s.row(3) == s.row(0) + 3) {
    x += s.row(0) << 2;
    for (let c = s.x, end = c + bytes; c < end; c += 16, x += step) v128.store(c, v128.load(x));
    return;
  }
  for (let i: u32 = 0; i < 4; i++) {
    let p = x + (s.row(i) << 2);
    for (let c = s.lane(i) + offsetof<State>(), end = c + bytes; c < end; c += 16, p += step) f32.store(c, f32.load(p));
  }
}

/** The columns of e into them. */
export function scatterAcross(y: usize, step: usize, cols: u32, s: State): void {
  const bytes = (<usize>cols) << 4;
  if (s.row(3) == s.row(0) + 3) {
    y += s.row(0) << 2;
    for (let c = s.e, end = c + bytes; c < end; c += 16, y += step) v128.store(y, v128.load(c));
    return;
  }
  for (let i: u32 = 0; i < 4; i++) {
    let p = y + (s.row(i) << 2);
    for (let c = s.e + ((<usize>i) << 2), end = c + bytes; c < end; c += 16, p += step) f32.store(p, f32.load(c));
  }
}

/** One of them, whose first column is at x, to c as a row; returns c. */
export function rowAcross(x: usize, step: usize, cols: u32, c: usize): usize {
  for (let p = c, end = c + ((<usize>cols) << 2); p < end; p += 4, x += step) f32.store(p, f32.load(x));
  return c;
}

/** The row at c to one of them, whose first column is at y. */
export function rowAcrossOut(c: usize, y: usize, step: usize, cols: u32): void {
  for (const end = c + ((<usize>cols) << 2); c < end; c += 4, y += step) f32.store(y, f32.load(c));
}
