import {
  checkApart,
  checkCols,
  checkFloats,
  checkLength,
  checkOptions,
  checkSameOrApart,
  freshFloats,
} from '../check.js';
import type { Host } from '../host.js';
import type { OutOptions } from '../types.js';

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
   * logSoftmaxVjp(new Float32Array([-Math.LN2, -Math.LN2]), new Float32Array([1, 0]), 2); // [0.5, -0.5]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logProbs: Float32Array,
    cotangent: Float32Array,
    cols: number,
    options?: OutOptions<O>,
  ): NoInfer<O>;
}

export function makeLogSoftmaxVjp(host: Host): LogSoftmaxVjp {
  const op = 'logSoftmaxVjp';
  return function logSoftmaxVjp(
    logProbs: Float32Array,
    cotangent: Float32Array,
    cols: number,
    options?: OutOptions,
  ): Float32Array {
    checkFloats(host, op, 'logProbs', logProbs);
    checkFloats(host, op, 'cotangent', cotangent);
    checkLength(op, 'cotangent', cotangent.length, 'logProbs.length', logProbs.length);
    const rows = checkCols(op, cols, 'logProbs', logProbs.length);
    let out: Float32Array | undefined;
    if (options !== undefined) {
      checkOptions(op, options);
      out = options.out;
      if (out !== undefined) {
        checkFloats(host, op, 'out', out);
        checkLength(op, 'out', out.length, 'logProbs.length', logProbs.length);
        checkSameOrApart(op, 'out', out, 'logProbs', logProbs);
        checkApart(op, 'out', out, 'cotangent', cotangent);
      }
    }
    out ??= freshFloats(op, logProbs.length);
    (host.backend ?? host.open()).logSoftmaxVjp(logProbs, cotangent, out, rows, cols);
    return out;
  } as LogSoftmaxVjp;
}
