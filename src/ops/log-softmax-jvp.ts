import type { Host } from '../host.js';
import type { OutOptions } from '../types.js';
import { makePairOp } from './pair-op.js';

/** The type of `logSoftmaxJvp`. */
export interface LogSoftmaxJvp {
  /**
   * Jacobian-vector product of log-softmax by row: `u − ⟨a, u⟩`, a = exp(logProbs).
   *
   * @param logProbs f32[rows, cols], row-major, as `logSoftmax` returns it
   * @param tangent f32[rows, cols]
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `logProbs`
   * @returns f32[rows, cols], `out` itself when given: within 6 ULP of the sum of its terms' absolute values; NaN and
   *   0 · ∞ spread over their row
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length or `cols` out of range, or an `out` that overlaps part of `logProbs` or any of `tangent`
   * @example
   * logSoftmaxJvp(Float32Array.of(-Math.LN2, -Math.LN2), Float32Array.of(1, 0), 2); // [0.5, -0.5]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logProbs: Float32Array,
    tangent: Float32Array,
    cols: number,
    options?: OutOptions<O>,
  ): NoInfer<O>;
}

export function makeLogSoftmaxJvp(host: Host): LogSoftmaxJvp {
  return makePairOp(host, 'logSoftmaxJvp', 'logProbs', 'tangent', (backend, a, b, y, rows, cols) =>
    backend.logSoftmaxJvp(a, b, y, rows, cols),
  ) as LogSoftmaxJvp;
}
