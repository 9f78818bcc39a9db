import { Plain } from '../call';
import { eachBatch } from '../drive';
import { State } from '../state';
import { divideColumns, divideRow } from '../writers';

/**
 * Row softmax: y[r,c] = exp(x[r,c] / T − m[r]) / s[r].
 *
 * x, y  f32[rows, cols], row-major, byte pointers; y == x is allowed.
 */
@unmanaged
export class Softmax extends Plain {
  x: usize;
  y: usize;


  @inline around(i: u32): f64 {
    return 0 / f64.load(this.state.lane64(i), offsetof<State>('rest01'));
  }


  @inline columns(q: State, n: u32): void {
    divideColumns(n, q);
  }


  @inline row(y: usize, i: u32): void {
    divideRow(y, i, this);
  }
}

export function softmax(call: Softmax): void {
  eachBatch(call, false, call.y);
}
