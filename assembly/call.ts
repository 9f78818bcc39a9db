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
  free: u32;
  table: Table;
  state: State;
  /** In and out: cross-entropy adds the loss of each row, rounded to f32, in their order. */
  total: f64;


  @inline get rowBytes(): usize {
    return (<usize>this.cols) << 2;
  }
}

/** The call of a kernel that takes no parameters. */
@unmanaged
export class Plain extends Call {
  p01: v128;
  p23: v128;
  p45: v128;
  p67: v128;
}
