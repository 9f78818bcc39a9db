import { logitsInput, logitsOutput } from '../operand.js';
import { type Call, declare, type Operation } from '../operation.js';
import { EXP_SCALE, expTable } from '../scalar/exp.js';
import { rowExpRest, rowMaxIndex, rowScale } from '../scalar/rows.js';
import type { MatrixOfHalves, Mode, OptionsOf, ResultOf, SoftmaxOptions } from '../types.js';
import { TEMPERATURE } from './temperature.js';

/** The type of `softmax`. */
export interface Softmax<M extends Mode = 'sync'> extends MatrixOfHalves<M> {
  /**
   * Softmax of each row: `y[r, c] = exp((x[r, c] − m) / T) / Σ`, m being the row's maximum.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `logits`; `temperature` T, default 1
   * @returns f32[rows, cols], `out` itself when given: within 6 ULP (below 2⁻¹²⁶ perhaps 0), in [0, 1], equal logits with equal
   *   bits; a row with a NaN, with +Infinity or with nothing but -Infinity is all NaN
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, `cols` or `temperature` out of range, or an `out` that overlaps part of `logits`
   * @example
   * const logits = Float32Array.of(1, 2, 3, 1, 1, 1); // two rows of three
   * softmax(logits, 3); // [0.09, 0.24, 0.67, 0.33, 0.33, 0.33]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    options?: OptionsOf<M, SoftmaxOptions<O>>,
  ): ResultOf<M, NoInfer<O>>;
}

/** @internal */
export const softmaxOp: Operation = /* @__PURE__ */ declare({
  name: 'softmax',
  operands: [/* @__PURE__ */ logitsInput(), /* @__PURE__ */ logitsOutput()],
  options: ['out', TEMPERATURE],
  made: ['out'],
  kernel: 'softmax',
  formula: softmaxRows,
  rows: 'any or empty',
  across: true,
  spans: true,
  result: ({ operands }) => operands[1],
});

/** What of a call the formula reads. */
type Rows = Pick<Call, 'operands' | 'rows' | 'cols' | 'temperature'>;

/** y[r, c] = exp((x[r, c] − m[r]) / T) / Σ; y may be x. @internal */
export function softmaxRows({ operands, rows, cols, temperature }: Rows): void {
  const [x, y] = operands as [Float32Array, Float32Array];
  const c = EXP_SCALE / temperature;
  const powers = expTable();
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    const at = rowMaxIndex(x, start, end);
    const rest = rowExpRest(x, y, start, end, at, c, powers);
    rowScale(y, start, end, 1 / (1 + rest));
  }
}
