import { Plain } from '../call';
import { eachBatch } from '../drive';
import { State } from '../state';
import { divideColumns, divideRow } from '../writers';
import { jvpRow } from './softmax-jvp';

/**
 * Softmax and its JVP with respect to the logits: y = softmax(x / T), v = y (u − ⟨y,u⟩) / T.
 *
 * x, u, y, v  f32[rows, cols], row-major, byte pointers; y may be x, v may be u.
 */
@unmanaged
class SoftmaxWithJvp extends Plain {
  x: usize;
  u: usize;
  y: usize;
  v: usize;


  @inline around(i: u32): f64 {
    return 0 / f64.load(this.state.lane64(i), offsetof<State>('rest01'));
  }


  @inline columns(q: State, n: u32): void {
    divideColumns(n, q);
  }


  @inline row(y: usize, i: u32): void {
    divideRow(y, i, this);
  }

  /** While the rows are in the cache. */
  @inline done(): void {
    const s = this.state;
    for (let i: u32 = 0; i < s.lanes; i++) {
      const offset = s.group(i >> 2).row(i & 3) * this.rowBytes;
      jvpRow(this.y + offset, this.u + offset, this.v + offset, this.cols, this.table);
    }
  }
}

export function softmaxWithJvp(call: SoftmaxWithJvp): void {
  eachBatch(call, false, call.y);
}
