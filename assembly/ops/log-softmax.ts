import { Plain, spanAt, spanOf } from '../call';
import { eachBatch } from '../drive';
import { State } from '../state';
import { log4 } from '../statistics';
import { map1 } from '../writers';

/** (x − m) / T − log(Σ e / e_max). */
export class LogProb {

  @inline write(x: v128, half: v128, max: v128, slope: v128, log: v128): v128 {
    return f32x4.sub(f32x4.mul(f32x4.sub(f32x4.mul(x, half), max), slope), log);
  }
}

/**
 * Row log-softmax: y[r,c] = (x[r,c] − m[r]) / T − log(Σ e / e_max); both terms are ≤ 0, so nothing cancels and no
 * result is > 0.
 *
 * x, y  f32[rows, cols], row-major, byte pointers; y == x is allowed.
 */
@unmanaged
class LogSoftmax extends Plain {
  x: usize;
  y: usize;


  @inline around(i: u32): f64 {
    return -Infinity - f64.load(this.state.lane64(i), offsetof<State>('log01'));
  }


  @inline columns(q: State, n: u32): void {
    const half = this.table.half;
    map1<LogProb>(q.x, q.e, n, half, f32x4.mul(q.max, half), this.table.slope, log4(q));
  }


  @inline row(y: usize, i: u32): void {
    const s = this.state;
    const half = this.table.half;
    const max = f32x4.mul(v128.load32_splat(s.lane(i), offsetof<State>('max')), half);
    const log = f32x4.splat(<f32>f64.load(s.lane64(i), offsetof<State>('log01')));
    const start = spanAt(0, this, i);
    map1<LogProb>(this.x + start, y + start, spanOf(this, i), half, max, this.table.slope, log);
  }
}

export function logSoftmax(call: LogSoftmax): void {
  eachBatch(call, true, 0);
}
