import { input, output } from '../operand.js';
import { type Call, declare, type Operation } from '../operation.js';
import { expOf, expTable } from '../scalar/exp.js';
import type { Mode, OptionsOf, ResultOf, DerivativeOptions } from '../types.js';

/** The type of `logSoftmaxJvp`. */
export interface LogSoftmaxJvp<M extends Mode = 'sync'> {
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
    options?: OptionsOf<M, DerivativeOptions<O>>,
  ): ResultOf<M, NoInfer<O>>;
}

/** @internal */
export const logSoftmaxJvpOp: Operation = /* @__PURE__ */ declare({
  name: 'logSoftmaxJvp',
  operands: [
    /* @__PURE__ */ input('logProbs', 'row'),
    /* @__PURE__ */ input('tangent', 'row'),
    /* @__PURE__ */ output('out', 'row', 0),
  ],
  options: ['out'],
  made: ['out'],
  kernel: 'logSoftmaxJvp',
  formula,
  rows: 'inner',
  result: ({ operands }) => operands[2],
});

/** y = u − ⟨exp(l),u⟩ by row; y may be l. */
function formula({ operands, rows, cols }: Call): void {
  const [l, u, y] = operands as [Float32Array, Float32Array, Float32Array];
  const powers = expTable();
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    let dot = 0;
    for (let i = start; i < end; i++) dot += expOf(l[i], powers) * u[i];
    for (let i = start; i < end; i++) y[i] = u[i] - dot;
  }
}
