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

export interface SoftmaxJvp {
  /**
   * Jacobian-vector product of softmax by row: `a (u − ⟨a, u⟩)`.
   *
   * @param probs f32[rows, cols], row-major, as `softmax` returns it: a
   * @param tangent f32[rows, cols]
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `probs`
   * @returns f32[rows, cols], `out` itself when given: within 6 ULP of the sum of its terms' absolute values; NaN and
   *   0 · ∞ spread over their row
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length or `cols` out of range, or an `out` that overlaps part of `probs` or any of `tangent`
   * @example
   * softmaxJvp(new Float32Array([0.5, 0.5]), new Float32Array([1, 0]), 2); // [0.25, -0.25]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    probs: Float32Array,
    tangent: Float32Array,
    cols: number,
    options?: OutOptions<O>,
  ): NoInfer<O>;
}

export function makeSoftmaxJvp(host: Host): SoftmaxJvp {
  const op = 'softmaxJvp';
  return function softmaxJvp(
    probs: Float32Array,
    tangent: Float32Array,
    cols: number,
    options?: OutOptions,
  ): Float32Array {
    checkFloats(host, op, 'probs', probs);
    checkFloats(host, op, 'tangent', tangent);
    checkLength(op, 'tangent', tangent.length, 'probs.length', probs.length);
    const rows = checkCols(op, cols, 'probs', probs.length);
    let out: Float32Array | undefined;
    if (options !== undefined) {
      checkOptions(op, options);
      out = options.out;
      if (out !== undefined) {
        checkFloats(host, op, 'out', out);
        checkLength(op, 'out', out.length, 'probs.length', probs.length);
        checkSameOrApart(op, 'out', out, 'probs', probs);
        checkApart(op, 'out', out, 'tangent', tangent);
      }
    }
    out ??= freshFloats(op, probs.length);
    (host.backend ?? host.open()).softmaxJvp(probs, tangent, out, rows, cols);
    return out;
  } as SoftmaxJvp;
}
