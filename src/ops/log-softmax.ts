import { logitsInput, logitsOutput } from '../operand.js';
import { type Call, declare, type Operation } from '../operation.js';
import { EXP_SCALE, expTable } from '../scalar/exp.js';
import { rowMaxIndex, rowRest } from '../scalar/rows.js';
import type { MatrixOfHalves, Mode, OptionsOf, ResultOf, SoftmaxOptions } from '../types.js';
import { TEMPERATURE } from './temperature.js';

/** The type of `logSoftmax`. */
export interface LogSoftmax<M extends Mode = 'sync'> extends MatrixOfHalves<M> {
  /**
   * Log-softmax of each row: `y[r, c] = (x[r, c] − m) / T − log Σ`, m being the row's maximum.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `logits`; `temperature` T, default 1
   * @returns f32[rows, cols], `out` itself when given: within 4 ULP also near 0, never above 0; a row with a NaN, with
   *   +Infinity or with nothing but -Infinity is all NaN
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, `cols` or `temperature` out of range, or an `out` that overlaps part of `logits`
   * @example
   * logSoftmax(Float32Array.of(0, -20), 2); // [-2.06e-9, -20]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    options?: OptionsOf<M, SoftmaxOptions<O>>,
  ): ResultOf<M, NoInfer<O>>;
}

/** @internal */
export const logSoftmaxOp: Operation = /* @__PURE__ */ declare({
  name: 'logSoftmax',
  operands: [/* @__PURE__ */ logitsInput(), /* @__PURE__ */ logitsOutput()],
  options: ['out', TEMPERATURE],
  made: ['out'],
  kernel: 'logSoftmax',
  formula,
  rows: 'any or empty',
  across: true,
  spans: true,
  empty: -Infinity,
  result: ({ operands }) => operands[1],
});

/** y[r, c] = (x[r, c] − m[r]) / T − log1p(rest), rest = Σ exp((x − m) / T) without the maximum's own 1; y may be x. */
function formula({ operands, rows, cols, temperature }: Call): void {
  const [x, y] = operands as [Float32Array, Float32Array];
  const c = EXP_SCALE / temperature;
  const inverse = 1 / temperature;
  const powers = expTable();
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    const at = rowMaxIndex(x, start, end);
    const m = x[at];
    const log = Math.log1p(rowRest(x, start, end, at, c, powers));
    for (let i = start; i < end; i++) y[i] = (x[i] - m) * inverse - log;
  }
}
