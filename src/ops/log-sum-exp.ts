import type { Host } from '../host.js';
import type { RowOptions } from '../types.js';
import { makeRowOp } from './row-op.js';

/** The type of `logSumExp`. */
export interface LogSumExp {
  /**
   * The logarithm of each row's sum of exponentials: `lse[r] = m / T + log Σ exp((x[r, c] − m) / T)`.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row
   * @param options `out` f32[rows], which may be exactly `logits` when cols is 1; `temperature` T, default 1
   * @returns f32[rows], `out` itself when given: within 4 ULP of the larger of |lse| and |m / T|; NaN for a row with a NaN,
   *   else +Infinity for one with +Infinity, -Infinity for one with nothing but -Infinity
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, `cols` or `temperature` out of range, or an `out` that overlaps part of `logits`
   * @example
   * logSumExp(Float32Array.of(0, 0, 1, 1), 2); // [0.693, 1.693]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    options?: RowOptions<O>,
  ): NoInfer<O>;
}

export function makeLogSumExp(host: Host): LogSumExp {
  return makeRowOp(host, 'logSumExp', 'rows', (backend, x, y, rows, cols, temperature) =>
    backend.logSumExp(x, y, rows, cols, temperature),
  ) as LogSumExp;
}
