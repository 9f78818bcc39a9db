import { input, output } from '../operand.js';
import { type Call, declare, type Operation } from '../operation.js';
import type { Mode, OptionsOf, ResultOf, OutOptions } from '../types.js';

/** The type of `softmaxJacobian`. */
export interface SoftmaxJacobian<M extends Mode = 'sync'> {
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
    options?: OptionsOf<M, OutOptions<O>>,
  ): ResultOf<M, NoInfer<O>>;
}

/** @internal */
export const softmaxJacobianOp: Operation = /* @__PURE__ */ declare({
  name: 'softmaxJacobian',
  operands: [/* @__PURE__ */ input('probs', 'row'), /* @__PURE__ */ output('out', 'square', 0)],
  options: ['out'],
  made: ['out'],
  kernel: 'softmaxJacobian',
  formula,
  result: ({ operands }) => operands[1],
});

/** y_ij = a_i (δ_ij − a_j) by row; y may be a when cols is 1. */
function formula({ operands, rows, cols }: Call): void {
  const [a, y] = operands as [Float32Array, Float32Array];
  for (let r = 0, start = 0, to = 0; r < rows; r++, start += cols) {
    for (let i = 0; i < cols; i++, to += cols) {
      const ai = a[start + i];
      // 0 − a_i a_j, not a_i (−a_j): two zeros give +0.
      for (let j = 0; j < cols; j++) y[to + j] = j === i ? ai * (1 - ai) : 0 - ai * a[start + j];
    }
  }
}
