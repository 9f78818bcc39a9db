import { logitsInput, output } from '../operand.js';
import { type Call, declare, type Operation } from '../operation.js';
import { EXP_SCALE, expTable } from '../scalar/exp.js';
import { lseAtInfinity, rowMaxIndex, rowRest } from '../scalar/rows.js';
import type { Mode, OptionsOf, ResultOf, RowOptions, RowValueOfHalves } from '../types.js';
import { TEMPERATURE } from './temperature.js';

/** The type of `logSumExp`. */
export interface LogSumExp<M extends Mode = 'sync'> extends RowValueOfHalves<M> {
  /**
   * The logarithm of each row's sum of exponentials: `lse[r] = m / T + log Σ exp((x[r, c] − m) / T)`.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row
   * @param options `out` f32[rows], which may be exactly `logits` when cols is 1; `temperature` T, default 1
   * @returns f32[rows], `out` itself when given: within 4 ULP of the larger of |lse| and |m / T|; NaN for a row with a NaN,
   *   else +Infinity for one with +Infinity, -Infinity for one with nothing but -Infinity
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, `cols` or `temperature` out of range, or an `out` that overlaps part of `logits`
   * @example
   * logSumExp(Float32Array.of(0, 0, 1, 1), 2); // [0.693, 1.693]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    options?: OptionsOf<M, RowOptions<O>>,
  ): ResultOf<M, NoInfer<O>>;
}

/** @internal */
export const logSumExpOp: Operation = /* @__PURE__ */ declare({
  name: 'logSumExp',
  operands: [/* @__PURE__ */ logitsInput(), /* @__PURE__ */ output('out', 'one', 0)],
  options: ['out', TEMPERATURE],
  made: ['out'],
  kernel: 'logSumExp',
  formula,
  rows: 'any',
  across: true,
  spans: true,
  result: ({ operands }) => operands[1],
});

/** y[r] = m[r] / T + log1p(rest), rest = Σ exp((x − m) / T) without the maximum's own 1; y may be x when cols is 1. */
function formula({ operands, rows, cols, temperature }: Call): void {
  const [x, y] = operands as [Float32Array, Float32Array];
  const c = EXP_SCALE / temperature;
  const inverse = 1 / temperature;
  const powers = expTable();
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    const at = rowMaxIndex(x, start, end);
    const m = x[at];
    y[r] =
      m - m === 0 ? m * inverse + Math.log1p(rowRest(x, start, end, at, c, powers)) : lseAtInfinity(x, start, end, m);
  }
}
