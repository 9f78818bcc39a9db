import { aloneExpSum, aloneMax, aloneOut, aloneWidth } from './alone';
import { Call, spanAt, spanOf } from './call';
import { columnsExpSum, columnsMax } from './columns';
import { rowEdge, rowExpSum, rowMax, rowRest } from './rows';
import { GROUPS, NARROW, SHORT, State } from './state';
import { finish, maxExp, ready } from './statistics';
import {
  gather,
  gatherAcross,
  gatherBatch,
  rowAcross,
  rowAcrossOut,
  scatter,
  scatterAcross,
  scatterBatch,
} from './turn';
import { surround } from './writers';

/**
 * The drive: the rows of a call in batches, through a reader and statistics to a writer. An operation is a class over its
 * Call block, C; what it puts into the drive are inlined methods, each of which it has or has not:
 *
 *   take(r, size)  names the next of up to `size` rows, from row r on, and returns the row after them; else all are taken
 *   read()         what is wanted of x before e may overwrite it
 *   settle(q, pairs)  the results of a group that are one a row, in so many pairs of lanes
 *   columns(q, n)  the writer of a narrow group, or of a narrow row alone: makes the results of the n elements of e, which
 *                  go to y then, unless that is 0
 *   row(y, i)      the writer of a wide row, in lane i, to f32[rows, cols] at y: of what takes part
 *   around(i)      what stands beside that at y: NaN where the row is
 *   done()         at the end of the batch
 *
 * Of x, f32[rows, cols], e are summed and, of wide rows, written to e, f32[rows, cols] or 0; `logarithm` says whether the
 * sum without the max's own term, and its logarithm, are wanted; `distances`, whether Σ e (m − x) of wide rows is.
 */
export function eachBatch<C>(call: C, logarithm: bool, e: usize, distances: bool = false): void {
  const s = call.state;
  const rows = call.rows;
  const size = batchSize(call.cols);
  let r: u32 = 0;
  while (r < rows) {
    if (isDefined(call.take)) r = call.take(r, size);
    else r = takeAll(r, min(size, rows - r), s);
    if (call.cols > NARROW) {
      s.ahead = call.ahead ? call.ahead : aheadOf(rows - r, size, call.cols);
      findSpans(call);
    }
    maxima(call.x, logarithm, call);
    if (isDefined(call.read)) call.read();
    sumExponentials(call.x, e, logarithm, distances, call);
    write<C>(call, call.y);
    if (isDefined(call.done)) call.done();
  }
}

/** How many rows go through each pass together: several groups where they are narrow, one chain of dependent steps each. */
function batchSize(cols: u32): u32 {
  return cols <= NARROW ? 4 * GROUPS : cols <= SHORT ? 4 : 1;
}

/**
 * Bytes from a row of a batch to that of the next, of which `left` rows are left; 0 where that is no whole one, or where
 * batches are so small (12 KiB) that the processor fetches ahead of them by itself, and better.
 */
function aheadOf(left: u32, size: u32, cols: u32): usize {
  const elements = <usize>size * cols;
  return elements < 3072 || left < size ? 0 : elements << 2;
}

/**
 * Names rows r up to r + lanes. The last group repeats its last row, so that a row's bits never depend on what stands
 * beside it.
 */
function takeAll(r: u32, lanes: u32, s: State): u32 {
  s.lanes = lanes;
  const end = r + lanes;
  const last = i32x4.splat(end - 1);
  for (; r < end; r += 4, s = s.next) s.rows = i32x4.min_u(i32x4.add(i32x4.splat(r), i32x4(0, 1, 2, 3)), last);
  return end;
}

/** The max of each row, and what follows from it. */
function maxima(x: usize, logarithm: bool, call: Call): void {
  const s = call.state;
  const k = call.table;
  const cols = call.cols;
  if (cols <= NARROW) {
    const alone = s.alone;
    const end = s.end;
    const step = call.step;
    if (step && s.lanes == 4 * GROUPS) gatherBatch(x, step, cols, s);
    else {
      for (let q = s; q != alone; q = q.next) {
        if (step) gatherAcross(x, step, cols, q);
        else gather(x, cols, q);
      }
    }
    for (let q = s; q != alone; q = q.next) columnsMax(cols, k, q);
    if (alone != end) {
      let row = call.start(x, alone.row(0));
      if (step) row = rowAcross(row, step, cols, alone.x);
      aloneMax(row, cols, k, alone);
    }
    if (logarithm) for (let q = s; q != end; q = q.next) maxExp(k, q, q == alone ? 1 : 2);
    return;
  }
  const lanes = s.lanes;
  for (let i: u32 = 0; i < lanes; i++) rowMax(x, i, call);
  ready(k, s);
  if (!logarithm) return;
  maxExp(k, s, pairsOf(lanes));
  for (let i: u32 = 0; i < lanes; i++) rowEdge(spanAt(x, call, i), spanOf(call, i), i, s);
}

/** Σ e of each row, with or without the max, and its logarithm. e goes to the columns, or to its place at y. */
function sumExponentials(x: usize, y: usize, logarithm: bool, distances: bool, call: Call): void {
  const s = call.state;
  const k = call.table;
  const cols = call.cols;
  if (cols <= NARROW) {
    const alone = s.alone;
    const end = s.end;
    for (let q = s; q != alone; q = q.next) columnsExpSum(cols, logarithm, k, q);
    if (alone != end) aloneExpSum(cols, logarithm, k, alone);
    if (!logarithm) return;
    for (let q = s; q != end; q = q.next) finish(k, q, q == alone ? 1 : 2);
    if (alone != end) alone.log23 = alone.log01;
    return;
  }
  const lanes = s.lanes;
  for (let i: u32 = 0; i < lanes; i++) {
    if (logarithm) rowRest(x, y, distances, i, call);
    else rowExpSum(x, y, i, call);
  }
  if (logarithm) finish(k, s, pairsOf(lanes));
}

// @ts-ignore: decorator
@inline
function pairsOf(lanes: u32): u32 {
  return (lanes + 1) >> 1;
}

/** What the operation makes of it, at y: given, so that operations which differ in nothing else share this. */
function write<C>(call: C, y: usize): void {
  const s = call.state;
  const cols = call.cols;
  const end = s.end;
  const narrow = cols <= NARROW;
  const alone = s.alone;
  if (isDefined(call.settle)) {
    for (let q = s; q != end; q = q.next) call.settle(q, !narrow ? pairsOf(s.lanes) : q == alone ? 1 : 2);
  }
  if (!narrow) {
    if (isDefined(call.row)) {
      for (let i: u32 = 0; i < s.lanes; i++) call.row(y, i);
      if (call.spans)
        for (let i: u32 = 0; i < s.lanes; i++) surround(y + s.row(i) * call.rowBytes, call.around(i), i, call);
    }
  } else if (isDefined(call.columns)) {
    for (let q = s; q != end; q = q.next) call.columns(q, q == alone ? aloneWidth(cols) : cols << 2);
    if (y) columnsOut(y, call);
  }
}

/** The columns of e to their rows of f32[rows, cols] at y. */
function columnsOut(y: usize, call: Call): void {
  const s = call.state;
  const cols = call.cols;
  const alone = s.alone;
  const step = call.step;
  if (step && s.lanes == 4 * GROUPS) return scatterBatch(y, step, cols, s);
  for (let q = s; q != alone; q = q.next) {
    if (step) scatterAcross(y, step, cols, q);
    else scatter(q.e, y, cols, q);
  }
  if (alone == s.end) return;
  const row = call.start(y, alone.row(0));
  if (step) rowAcrossOut(alone.e, row, step, cols);
  else aloneOut(row, cols, alone);
}

/** What of the batch's rows takes part: found once, as every pass asks for it. */
function findSpans(call: Call): void {
  if (isDefined(PLAIN_ROWS)) return;
  const s = call.state;
  const spans = call.spans;
  const cols = <i32>call.cols;
  const end = s.lane(s.lanes);
  for (let lane = s.lane(0); lane < end; lane += 4) {
    const r = i32.load(lane, offsetof<State>('rows'));
    const span = spans + ((<usize>r) << 3);
    const from = spans ? i32.load(span) : 0;
    i32.store(lane, from, offsetof<State>('from'));
    i32.store(lane, (r * cols + from) << 2, offsetof<State>('start'));
    i32.store(lane, (spans ? i32.load(span, 4) : cols) - from, offsetof<State>('width'));
  }
}

/** Each row for itself: C has row(offset), the bytes before it. */
export function eachRow<C>(call: C): void {
  const rowBytes = call.rowBytes;
  const end = <usize>call.rows * rowBytes;
  for (let offset: usize = 0; offset < end; offset += rowBytes) call.row(offset);
}
