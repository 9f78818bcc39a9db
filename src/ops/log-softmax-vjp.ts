import { input, output } from '../operand.js';
import { type Call, declare, type Operation } from '../operation.js';
import { expOf, expTable } from '../scalar/exp.js';
import type { Mode, OptionsOf, ResultOf, DerivativeOptions } from '../types.js';

/** The type of `logSoftmaxVjp`. */
export interface LogSoftmaxVjp<M extends Mode = 'sync'> {
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
    options?: OptionsOf<M, DerivativeOptions<O>>,
  ): ResultOf<M, NoInfer<O>>;
}

/** @internal */
export const logSoftmaxVjpOp: Operation = /* @__PURE__ */ declare({
  name: 'logSoftmaxVjp',
  operands: [
    /* @__PURE__ */ input('logProbs', 'row'),
    /* @__PURE__ */ input('cotangent', 'row'),
    /* @__PURE__ */ output('out', 'row', 0),
  ],
  options: ['out'],
  made: ['out'],
  kernel: 'logSoftmaxVjp',
  formula,
  rows: 'inner',
  result: ({ operands }) => operands[2],
});

/** y = g − exp(l) Σg by row; y may be l. */
function formula({ operands, rows, cols }: Call): void {
  const [l, g, y] = operands as [Float32Array, Float32Array, Float32Array];
  const powers = expTable();
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    let sum = 0;
    for (let i = start; i < end; i++) sum += g[i];
    for (let i = start; i < end; i++) y[i] = g[i] - expOf(l[i], powers) * sum;
  }
}
