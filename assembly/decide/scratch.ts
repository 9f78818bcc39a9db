import { Call } from '../call';

/**
 * The scratch of a kernel of decisions: the row in work, and buffers of constant size, whatever the row's. Its place comes
 * with the call; what it holds between calls means nothing.
 */

/** Elements that go through a pass together: sixteen vectors. */
// @ts-ignore: decorator
@inline export const BLOCK: u32 = 64;
/** The most groups of blocks: each has four bins, a lane each, and a sum. */
// @ts-ignore: decorator
@inline const GROUPS: u32 = 512;
/** The most candidates. */
// @ts-ignore: decorator
@inline export const CANDIDATES: u32 = 2048;
/** The most values of a band. */
// @ts-ignore: decorator
@inline export const BAND: u32 = 16384;
/** No index limits the ties. */
// @ts-ignore: decorator
@inline export const ALL: u32 = 0xffffffff;


@unmanaged
export class Scratch {
  /** f32[cols], of which nothing is written. */
  x: usize;
  cols: u32;
  blocks: u32;
  /** Blocks of a group, and how many groups there are. */
  groupBlocks: u32;
  groups: u32;
  /** The ids that bias and penalties touch, ascending, and their values, f64. In x they are not looked at. */
  ids: usize;
  values: usize;
  adjusted: u32;
  /** Of a pass: which of the adjusted comes next. */
  next: u32;
  /** How many candidates and values of a band there are. */
  count: u32;
  band: u32;
  /** Of what is kept with the least value, the last index. */
  tie: u32;
  /** The largest value; log2(e) / T. */
  max: f64;
  scale: f64;
  /** The least key that is kept, and the least float32 that is. */
  least: i64;
  least32: f32;
  /** f64x2 each: the constants of exp.ts, from memory because V8 rebuilds them in the loop otherwise. */
  c1: v128;
  c2: v128;
  c3: v128;
  c4: v128;
  c5: v128;
  c6: v128;
  c7: v128;
  c8: v128;
  one: v128;
  round: v128;
  lowest: v128;

  /** f32[64]: a block of x that is not all kept, or ends early. */
  @inline get block(): usize {
    return changetype<usize>(this) + offsetof<Scratch>();
  }

  /** A shuffle for each set of four lanes, which brings those to the front. */
  @inline get fronts(): usize {
    return this.block + BLOCK * 4;
  }

  /** f32[groups, 4]: the largest of each lane. */
  @inline get bins(): usize {
    return this.fronts + 256;
  }

  /** f64[groups]; or i32[groups, 4], the keys of the bins. */
  @inline get sums(): usize {
    return this.bins + GROUPS * 16;
  }

  /** Candidates: i32 column, f64 value, f64 weight, ascending by column; and an order of them, u32. */
  @inline get columns(): usize {
    return this.sums + GROUPS * 16;
  }


  @inline get scores(): usize {
    return this.columns + CANDIDATES * 4;
  }


  @inline get weights(): usize {
    return this.scores + CANDIDATES * 8;
  }


  @inline get order(): usize {
    return this.weights + CANDIDATES * 8;
  }

  /** f32: the values of a band, and room for a whole vector after the last. */
  @inline get values32(): usize {
    return this.order + CANDIDATES * 4;
  }

  /** A Crossing. */
  @inline get crossing(): usize {
    return this.values32 + BAND * 4 + 16;
  }

  /** A Weighed, a Walk. */
  @inline get weighed(): usize {
    return this.crossing + 96;
  }


  @inline get walk(): usize {
    return this.weighed + 32;
  }

  /** f32[64]: the few of a block, and a vector more. */
  @inline get packed(): usize {
    return this.walk + 32;
  }


  @inline candidate(i: u32): u32 {
    return load<u32>(this.columns + ((<usize>i) << 2));
  }


  @inline score(i: u32): f64 {
    return load<f64>(this.scores + ((<usize>i) << 3));
  }


  @inline weight(i: u32): f64 {
    return load<f64>(this.weights + ((<usize>i) << 3));
  }


  @inline ordered(i: u32): u32 {
    return load<u32>(this.order + ((<usize>i) << 2));
  }


  @inline id(i: u32): u32 {
    return load<u32>(this.ids + ((<usize>i) << 2));
  }


  @inline value(i: u32): f64 {
    return load<f64>(this.values + ((<usize>i) << 3));
  }
}

/** Where a call has its pointer. */
export const CALL_SCRATCH: i32 = offsetof<Call>('scratch');
export const SCRATCH_BYTES: i32 =
  <i32>offsetof<Scratch>() + BLOCK * 4 + 256 + GROUPS * 32 + CANDIDATES * 24 + BAND * 4 + 16 + 160 + BLOCK * 4 + 16;

/** Points the scratch to a row of x without adjusted ids. */
export function open(s: Scratch, x: usize, cols: u32): void {
  s.x = x;
  s.cols = cols;
  s.blocks = (cols + (BLOCK - 1)) / BLOCK;
  s.groupBlocks = (s.blocks + (GROUPS - 1)) / GROUPS;
  s.groups = (s.blocks + s.groupBlocks - 1) / s.groupBlocks;
  s.adjusted = 0;
  s.next = 0;
  s.count = 0;
  s.tie = ALL;
  s.max = -Infinity;
}
