import type { Host } from '../host.js';
import type { RowOptions } from '../types.js';
import { makeRowOp } from './row-op.js';

/** The type of `softmax`. */
export interface Softmax {
  /**
   * Softmax of each row: `y[r, c] = exp((x[r, c] − m) / T) / Σ`, m being the row's maximum.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `logits`; `temperature` T, default 1
   * @returns f32[rows, cols], `out` itself when given: within 6 ULP, in [0, 1], equal logits with equal bits; a row with
   *   a NaN, with +Infinity or with nothing but -Infinity is all NaN
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, `cols` or `temperature` out of range, or an `out` that overlaps part of `logits`
   * @example
   * const logits = Float32Array.of(1, 2, 3, 1, 1, 1); // two rows of three
   * softmax(logits, 3); // [0.09, 0.24, 0.67, 0.33, 0.33, 0.33]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    options?: RowOptions<O>,
  ): NoInfer<O>;
}

export function makeSoftmax(host: Host): Softmax {
  return makeRowOp(host, 'softmax', 'logits.length', (backend, x, y, rows, cols, temperature) =>
    backend.softmax(x, y, rows, cols, temperature),
  ) as Softmax;
}
