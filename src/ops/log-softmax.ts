import type { Host } from '../host.js';
import type { RowOptions } from '../types.js';
import { makeRowOp } from './row-op.js';

/** The type of `logSoftmax`. */
export interface LogSoftmax {
  /**
   * Log-softmax of each row: `y[r, c] = (x[r, c] − m) / T − log Σ`, m being the row's maximum.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `logits`; `temperature` T, default 1
   * @returns f32[rows, cols], `out` itself when given: within 4 ULP also near 0, never above 0; a row with a NaN, with
   *   +Infinity or with nothing but -Infinity is all NaN
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, `cols` or `temperature` out of range, or an `out` that overlaps part of `logits`
   * @example
   * logSoftmax(Float32Array.of(0, -20), 2); // [-2.06e-9, -20]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    options?: RowOptions<O>,
  ): NoInfer<O>;
}

export function makeLogSoftmax(host: Host): LogSoftmax {
  return makeRowOp(host, 'logSoftmax', 'logits.length', (backend, x, y, rows, cols, temperature) =>
    backend.logSoftmax(x, y, rows, cols, temperature),
  ) as LogSoftmax;
}
