import { input, output } from '../operand.js';
import { type Call, declare, type Operation } from '../operation.js';
import type { Mode, OptionsOf, ResultOf, DerivativeOptions } from '../types.js';

/** The type of `softmaxJvp`. */
export interface SoftmaxJvp<M extends Mode = 'sync'> {
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
    options?: OptionsOf<M, DerivativeOptions<O>>,
  ): ResultOf<M, NoInfer<O>>;
}

/** @internal */
export const softmaxJvpOp: Operation = /* @__PURE__ */ declare({
  name: 'softmaxJvp',
  operands: [
    /* @__PURE__ */ input('probs', 'row'),
    /* @__PURE__ */ input('tangent', 'row'),
    /* @__PURE__ */ output('out', 'row', 0),
  ],
  options: ['out'],
  made: ['out'],
  kernel: 'softmaxJvp',
  formula: ({ operands, rows, cols }: Call) =>
    jvpRows(operands as [Float32Array, Float32Array, Float32Array], rows, cols, 1),
  rows: 'inner',
  result: ({ operands }) => operands[2],
});

/** y = a (u − ⟨a,u⟩) · scale by row; y may be a or u. @internal */
export function jvpRows(
  [a, u, y]: readonly [Float32Array, Float32Array, Float32Array],
  rows: number,
  cols: number,
  scale: number,
): void {
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    let dot = 0;
    for (let i = start; i < end; i++) dot += a[i] * u[i];
    for (let i = start; i < end; i++) y[i] = a[i] * (u[i] - dot) * scale;
  }
}
