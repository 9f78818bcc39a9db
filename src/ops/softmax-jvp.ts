import type { Host } from '../host.js';
import type { OutOptions } from '../types.js';
import { makePairOp } from './pair-op.js';

/** The type of `softmaxJvp`. */
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
   * softmaxJvp(Float32Array.of(0.5, 0.5), Float32Array.of(1, 0), 2); // [0.25, -0.25]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    probs: Float32Array,
    tangent: Float32Array,
    cols: number,
    options?: OutOptions<O>,
  ): NoInfer<O>;
}

export function makeSoftmaxJvp(host: Host): SoftmaxJvp {
  return makePairOp(host, 'softmaxJvp', 'probs', 'tangent', (backend, a, b, y, rows, cols) =>
    backend.softmaxJvp(a, b, y, rows, cols),
  ) as SoftmaxJvp;
}
