import type { Host } from '../host.js';
import type { OutOptions } from '../types.js';
import { makePairOp } from './pair-op.js';

/** The type of `logSoftmaxVjp`. */
export interface LogSoftmaxVjp {
  /**
   * Vector-Jacobian product of log-softmax by row: `g − a Σg`, a = exp(logProbs).
   *
   * @param logProbs f32[rows, cols], row-major, as `logSoftmax` returns it
   * @param cotangent f32[rows, cols]
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `logProbs`
   * @returns f32[rows, cols], `out` itself when given: within 6 ULP of the sum of its terms' absolute values; NaN and
   *   0 · ∞ spread over their row
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length or `cols` out of range, or an `out` that overlaps part of `logProbs` or any of `cotangent`
   * @example
   * logSoftmaxVjp(Float32Array.of(-Math.LN2, -Math.LN2), Float32Array.of(1, 0), 2); // [0.5, -0.5]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logProbs: Float32Array,
    cotangent: Float32Array,
    cols: number,
    options?: OutOptions<O>,
  ): NoInfer<O>;
}

export function makeLogSoftmaxVjp(host: Host): LogSoftmaxVjp {
  return makePairOp(host, 'logSoftmaxVjp', 'logProbs', 'cotangent', (backend, a, b, y, rows, cols) =>
    backend.logSoftmaxVjp(a, b, y, rows, cols),
  ) as LogSoftmaxVjp;
}
