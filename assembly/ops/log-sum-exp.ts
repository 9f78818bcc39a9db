import { Plain } from '../call';
import { eachBatch } from '../drive';
import { lseOf } from '../statistics';

/**
 * Row log-sum-exp: y[r] = m[r] / T + log1p(rest[r] / e_max[r]), rest being the sum without the max's own term.
 *
 * x  f32[rows, cols], y  f32[rows]; y == x is allowed where cols = 1: a batch is read before it is written.
 */
@unmanaged
class LogSumExp extends Plain {
  x: usize;
  y: usize;


  @inline done(): void {
    const s = this.state;
    for (let i: u32 = 0; i < s.lanes; i++) {
      const q = s.group(i >> 2);
      f32.store(this.y + (q.row(i & 3) << 2), <f32>lseOf(this.table, q, i & 3));
    }
  }
}

export function logSumExp(call: LogSumExp): void {
  eachBatch(call, true, 0);
}
