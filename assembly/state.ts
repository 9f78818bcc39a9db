import { lowAt } from './lanes';

/** Rows of up to this many columns are computed four at a time, one row per lane. */
// @ts-ignore: decorator
@inline export const NARROW: u32 = 63;
/** Rows of up to this many columns go through each pass four together: their once-per-row arithmetic is done in lanes. */
// @ts-ignore: decorator
@inline export const SHORT: u32 = 1024;
/** How many groups of narrow rows go through the passes together. */
// @ts-ignore: decorator
@inline export const GROUPS: u32 = 4;

/** A vector for each of the up to 64 columns of a narrow group. */
// @ts-ignore: decorator
@inline const COLUMN_BYTES: usize = 1024;

/**
 * The state of a group: up to four rows in work, one per lane. f32x4, or two f64x2 (rows 0 and 1, then 2 and 3) where a
 * name ends in 01 and 23. Two blocks of columns follow, x and e; the groups of a batch follow one another.
 */
@unmanaged
export class State {
  /** Row max m. */
  max: v128;
  /** MAGIC − N. */
  magic: v128;
  /** (N − 127)·T·ln2, below which e is 0. */
  low: v128;
  /** m where |m| > 350·T, else 0. */
  shift: v128;
  /** i32x4, of wide rows: the first column that takes part, the bytes before it in a matrix, and how many columns they are. */
  from: v128;
  start: v128;
  width: v128;
  /** e of the max, as the hot loop computes it; the same in float64. */
  top: v128;
  top01: v128;
  top23: v128;
  /** How many e of the max were left out of the rest, less one: `finish` adds them. */
  count: v128;
  /** Σ e, or without those in `count`; `finish` makes it Σ e without the max's own. */
  rest01: v128;
  rest23: v128;
  /** Σ e as the f32 terms add up, so that a certain row's e / Σ is 1. */
  sum01: v128;
  sum23: v128;
  /** log(Σ e / e of the max) ≥ 0. */
  log01: v128;
  log23: v128;
  /** Cross-entropy: Σ τ (m − x), and Σ τ, to which 2ζ·lse is added. Entropy: Σ e (m − x). */
  distance01: v128;
  distance23: v128;
  tau01: v128;
  tau23: v128;
  /** What e is multiplied by. */
  factor01: v128;
  factor23: v128;
  /** The label's gradient; the row's loss and lse. */
  labelGrad: v128;
  loss: v128;
  lse: v128;
  /** The label's logit, e (0 when no gradient is wanted) and class weight. */
  logit: v128;
  labelE: v128;
  weight: v128;
  /** The rows' weights. */
  rowWeight: v128;
  /** i32x4: which rows the lanes hold. */
  rows: v128;
  /** i32x4: their class indices, as they were when the rows were taken. */
  labels: v128;
  /** logSumExp of a row whose max is ±Infinity: that, or NaN. */
  edge: v128;
  /** A partial vector. */
  part: v128;

  /** Of the batch, in its first group: how many rows it has, and the bytes from them to those of the next one, or 0. */
  lanes: u32;
  ahead: usize;
  /** Whether the columns of e have been multiplied by the factor. */
  scaled: u32;
  free: u32;

  /** The columns of a narrow group, and their e. */
  @inline get x(): usize {
    return changetype<usize>(this) + offsetof<State>();
  }


  @inline get e(): usize {
    return this.x + COLUMN_BYTES;
  }

  /** Group i of the batch. */
  @inline group(i: u32): State {
    return changetype<State>(changetype<usize>(this) + <usize>i * GROUP_BYTES);
  }


  @inline get next(): State {
    return this.group(1);
  }
  /** What follows its groups of two rows and more: of narrow rows, the one alone, or the end. */
  @inline get alone(): State {
    return this.group((this.lanes + 2) >> 2);
  }
  /** What follows the last group of the batch. */
  @inline get end(): State {
    return this.group((this.lanes + 3) >> 2);
  }

  /** Lane i of the f32x4 at an offset from here. */
  @inline lane(i: u32): usize {
    return changetype<usize>(this) + ((<usize>i) << 2);
  }
  /** Of the f64 × 4. */
  @inline lane64(i: u32): usize {
    return changetype<usize>(this) + ((<usize>i) << 3);
  }
  /** The f64x2 of rows 2i and 2i + 1. */
  @inline pair(i: u32): usize {
    return changetype<usize>(this) + ((<usize>i) << 4);
  }

  /** Which row lane i holds. */
  @inline row(i: u32): usize {
    return <usize>i32.load(this.lane(i), offsetof<State>('rows'));
  }
  /** Its class index. */
  @inline label(i: u32): u32 {
    return <u32>i32.load(this.lane(i), offsetof<State>('labels'));
  }
}

/** Bytes of a group, columns included. */
// @ts-ignore: decorator
@inline export const GROUP_BYTES: usize = offsetof<State>() + 2 * COLUMN_BYTES;

export const STATE_BYTES: i32 = GROUPS * <i32>GROUP_BYTES;

/** Rows 2i and 2i + 1 of the f32x4 at `field`, as f64. */
// @ts-ignore: decorator
@inline
export function promoteAt(s: State, i: u32, field: usize): v128 {
  return lowAt(s.lane64(i) + field);
}

/** Lanes 0 and 1 of v to the f32x4 at `field`, for rows 2i and 2i + 1. */
// @ts-ignore: decorator
@inline
export function storePair(s: State, i: u32, field: usize, v: v128): void {
  v128.store64_lane(s.lane64(i) + field, v, 0);
}
