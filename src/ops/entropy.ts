import { logitsInput, output } from '../operand.js';
import { type Call, declare, type Operation } from '../operation.js';
import { exp, EXP_SCALE, expTable } from '../scalar/exp.js';
import { rowMaxIndex } from '../scalar/rows.js';
import type { Mode, OptionsOf, ResultOf, RowOptions, RowValueOfHalves } from '../types.js';
import { TEMPERATURE } from './temperature.js';

/** The type of `entropy`. */
export interface Entropy<M extends Mode = 'sync'> extends RowValueOfHalves<M> {
  /**
   * The entropy of each row's softmax, in nats: `H[r] = −Σ a log a` with `a = softmax(x[r] / T)`: 0 for a certain row,
   * `log cols` for equal logits. A logit of -Infinity beside finite ones counts as absent.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row
   * @param options `out` f32[rows], which may be exactly `logits` when cols is 1; `temperature` T, default 1
   * @returns f32[rows], `out` itself when given: within 6 ULP of Σ |a log a| plus its largest term, never negative; NaN for a
   *   row with a NaN or +Infinity, or with nothing but -Infinity
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, `cols` or `temperature` out of range, or an `out` that overlaps part of `logits`
   * @example
   * entropy(Float32Array.of(0, 0, 0, -Infinity), 2); // [0.693, 0]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    options?: OptionsOf<M, RowOptions<O>>,
  ): ResultOf<M, NoInfer<O>>;
}

/** @internal */
export const entropyOp: Operation = /* @__PURE__ */ declare({
  name: 'entropy',
  operands: [/* @__PURE__ */ logitsInput(), /* @__PURE__ */ output('out', 'one', 0)],
  options: ['out', TEMPERATURE],
  made: ['out'],
  kernel: 'entropy',
  formula,
  rows: 'any',
  across: true,
  spans: true,
  result: ({ operands }) => operands[1],
});

/** y[r] = log1p(rest) + Σ e (m − x) / (T Σ), e = exp((x − m) / T), rest = Σ without the maximum's own 1. */
function formula({ operands, rows, cols, temperature }: Call): void {
  const [x, y] = operands as [Float32Array, Float32Array];
  const c = EXP_SCALE / temperature;
  const powers = expTable();
  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    const at = rowMaxIndex(x, start, end);
    const m = x[at];
    let rest = m - m; // NaN where m is infinite
    let distance = 0;
    for (let i = start; i < end; i++) {
      const e = exp((x[i] - m) * c, powers);
      if (i === at || e === 0) continue;
      rest += e;
      distance += e * (m - x[i]);
    }
    y[r] = Math.log1p(rest) + distance / ((1 + rest) * temperature);
  }
}
