import { input, output } from '../operand.js';
import { declare, type Operation } from '../operation.js';
import type { Mode, OptionsOf, DerivativeOptions, ResultOf } from '../types.js';
import { softmaxJvpOp } from './softmax-jvp.js';

/** The type of `softmaxVjp`. */
export interface SoftmaxVjp<M extends Mode = 'sync'> {
  /**
   * Vector-Jacobian product of softmax by row: `a (g − ⟨a, g⟩)`, the values of `softmaxJvp`, as the Jacobian is symmetric.
   *
   * @param probs f32[rows, cols], row-major, as `softmax` returns it: a
   * @param cotangent f32[rows, cols]
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `probs`
   * @returns f32[rows, cols], `out` itself when given: within 6 ULP of the sum of its terms' absolute values; NaN and
   *   0 · ∞ spread over their row
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length or `cols` out of range, or an `out` that overlaps part of `probs` or any of `cotangent`
   * @example
   * softmaxVjp(Float32Array.of(0.5, 0.5), Float32Array.of(1, 0), 2); // [0.25, -0.25]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    probs: Float32Array,
    cotangent: Float32Array,
    cols: number,
    options?: OptionsOf<M, DerivativeOptions<O>>,
  ): ResultOf<M, NoInfer<O>>;
}

/** The kernel of the JVP: the Jacobian is symmetric. @internal */
export const softmaxVjpOp: Operation = /* @__PURE__ */ declare({
  name: 'softmaxVjp',
  operands: [
    /* @__PURE__ */ input('probs', 'row'),
    /* @__PURE__ */ input('cotangent', 'row'),
    /* @__PURE__ */ output('out', 'row', 0),
  ],
  options: ['out'],
  made: ['out'],
  kernel: 'softmaxJvp',
  formula: (call) => softmaxJvpOp.formula(call),
  rows: 'inner',
  result: ({ operands }) => operands[2],
});
