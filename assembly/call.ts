import { State } from './state';
import { Table } from './table';

/**
 * A call: what a kernel is given, as one block in the caller's memory, 16-byte aligned, little-endian (docs/abi.md). A
 * kernel's own class adds its parameters and operands, which are byte pointers, 0 where one is not given; and, as methods,
 * what it puts into the drive.
 */
@unmanaged
export class Call {
  rows: u32;
  cols: u32;
  /** Of softmaxJacobian: the first row that is wanted of the first Jacobian. */
  first: u32;
  /** 0, or the bytes from a column to the next of narrow rows that lie side by side: element (r, c) at c · step + 4 r. */
  stepOrZero: u32;
  table: Table;
  state: State;
  /**
   * 0, or u32[rows, 2]: of each wide row the columns [from, to) that take part, of which there is at least one block: from
   * is a multiple of 32, to one or cols, and in them -Infinity stands for what does not. The others are not read.
   */
  spansOrZero: usize;
  /** 0, or bytes from wide rows to what else is to be fetched while they are computed, instead of the next of them. */
  aheadOrZero: usize;
  /** In and out: cross-entropy adds the loss of each row, rounded to f32, in their order. */
  total: f64;
  /** Room for what kernels of decisions keep of a row. */
  scratch: usize;
  free: u32;


  @inline get rowBytes(): usize {
    return (<usize>this.cols) << 2;
  }

  // The module for ClickHouse defines PLAIN_ROWS: it has no such rows, and their code goes.
  @inline get step(): usize {
    return isDefined(PLAIN_ROWS) ? 0 : <usize>this.stepOrZero;
  }


  @inline get ahead(): usize {
    return isDefined(PLAIN_ROWS) ? 0 : this.aheadOrZero;
  }


  @inline get spans(): usize {
    return isDefined(PLAIN_ROWS) ? 0 : this.spansOrZero;
  }

  /** Where row r begins in f32[rows, cols] at p. */
  @inline start(p: usize, r: usize): usize {
    return p + (this.step ? r << 2 : r * this.rowBytes);
  }
  /** The bytes from there to a column. */
  @inline column(c: u32): usize {
    return this.step ? <usize>c * this.step : (<usize>c) << 2;
  }
}

/** Of lane i's wide row: the first column that takes part, where that is in f32[rows, cols] at p, and how many they are. */
// @ts-ignore: decorator
@inline
export function fromOf(call: Call, i: u32): u32 {
  return isDefined(PLAIN_ROWS) ? 0 : <u32>i32.load(call.state.lane(i), offsetof<State>('from'));
}
// @ts-ignore: decorator
@inline
export function spanAt(p: usize, call: Call, i: u32): usize {
  if (isDefined(PLAIN_ROWS)) return p + call.state.row(i) * call.rowBytes;
  return p + <usize>i32.load(call.state.lane(i), offsetof<State>('start'));
}
// @ts-ignore: decorator
@inline
export function spanOf(call: Call, i: u32): u32 {
  return isDefined(PLAIN_ROWS) ? call.cols : <u32>i32.load(call.state.lane(i), offsetof<State>('width'));
}

/** The call of a kernel that takes no parameters. */
@unmanaged
export class Plain extends Call {
  p01: v128;
  p23: v128;
  p45: v128;
  p67: v128;
}
