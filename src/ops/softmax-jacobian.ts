import { checkCols, checkFloats, checkLength, checkOptions, checkSameOrApart, freshFloats } from '../check.js';
import type { Host } from '../host.js';
import type { OutOptions } from '../types.js';

/** The type of `softmaxJacobian`. */
export interface SoftmaxJacobian {
  /**
   * The full Jacobian of softmax for each row: `J[r, i, j] = a_i (δ_ij − a_j)`.
   *
   * @param probs f32[rows, cols], row-major, as `softmax` returns it: a
   * @param cols elements of a row
   * @param options `out` f32[rows, cols, cols], which may be exactly `probs` when cols is 1
   * @returns f32[rows, cols, cols], `out` itself when given: within 6 ULP
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length or `cols` out of range, an `out` that overlaps part of `probs`, or a result that
   *   does not fit memory
   * @example
   * softmaxJacobian(Float32Array.of(0.5, 0.5), 2); // [0.25, -0.25, -0.25, 0.25]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    probs: Float32Array,
    cols: number,
    options?: OutOptions<O>,
  ): NoInfer<O>;
}

export function makeSoftmaxJacobian(host: Host): SoftmaxJacobian {
  const op = 'softmaxJacobian';
  return function softmaxJacobian(probs: Float32Array, cols: number, options?: OutOptions): Float32Array {
    checkFloats(host, op, 'probs', probs);
    const rows = checkCols(op, cols, 'probs', probs.length);
    const length = probs.length * cols;
    let out: Float32Array | undefined;
    if (options !== undefined) {
      checkOptions(op, options);
      out = options.out;
      if (out !== undefined) {
        checkFloats(host, op, 'out', out);
        checkLength(op, 'out', out.length, 'rows · cols · cols', length);
        checkSameOrApart(op, 'out', out, 'probs', probs);
      }
    }
    out ??= freshFloats(op, length);
    (host.backend ?? host.open()).softmaxJacobian(probs, out, rows, cols);
    return out;
  } as SoftmaxJacobian;
}
