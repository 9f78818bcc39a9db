import { input, logitsInput, logitsOutput, output } from '../operand.js';
import { type Call, declare, type Operation } from '../operation.js';
import type { Float16, Floats, HalfKind, Mode, OfBits, OptionsOf, ResultOf, WithJvpOptions } from '../types.js';
import { softmaxRows } from './softmax.js';
import { jvpRows } from './softmax-jvp.js';
import { TEMPERATURE } from './temperature.js';

/** The type of `softmaxWithJvp`. */
export interface SoftmaxWithJvp<M extends Mode = 'sync'> {
  /**
   * Softmax and its Jacobian-vector product in one pass: `a = softmax(x / T)` and `a (u − ⟨a, u⟩) / T`.
   *
   * @param logits f32[rows, cols], row-major
   * @param tangent f32[rows, cols], a direction in the space of the logits: u
   * @param cols elements of a row
   * @param options `out` f32[rows, cols] for the probabilities, which may be exactly `logits`; `jvpOut` f32[rows, cols],
   *   which may be exactly `tangent`; `temperature` T, default 1
   * @returns `probs` with the bits of `softmax`, `jvp` within 6 ULP of the sum of its terms' absolute values; `out` and
   *   `jvpOut` themselves when given
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, `cols` or `temperature` out of range, or an output that overlaps anything else
   * @example
   * softmaxWithJvp(Float32Array.of(0, 0), Float32Array.of(1, 0), 2); // { probs: [0.5, 0.5], jvp: [0.25, -0.25] }
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>, V extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    tangent: Float32Array,
    cols: number,
    options?: OptionsOf<M, WithJvpOptions<O, V>>,
  ): ResultOf<M, ProbsAndJvp<NoInfer<O>, NoInfer<V>>>;
  /** Of half floats, which `dtype` names; `out` may be of the same, the tangent and `jvpOut` are float32. */
  <
    O extends Float32Array | Uint16Array = Float32Array<ArrayBuffer>,
    V extends Float32Array = Float32Array<ArrayBuffer>,
  >(
    logits: Uint16Array,
    tangent: Float32Array,
    cols: number,
    options: OptionsOf<M, WithJvpOptions<O, V, HalfKind> & OfBits>,
  ): ResultOf<M, ProbsAndJvp<NoInfer<O>, NoInfer<V>>>;
  /** Of a Float16Array; `out` may be one, the tangent and `jvpOut` are float32. */
  <O extends Float32Array | Float16 = Float32Array<ArrayBuffer>, V extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float16,
    tangent: Float32Array,
    cols: number,
    options?: OptionsOf<M, WithJvpOptions<O, V, 'float16'>>,
  ): ResultOf<M, ProbsAndJvp<NoInfer<O>, NoInfer<V>>>;
}

/** What `softmaxWithJvp` returns. */
export interface ProbsAndJvp<O extends Floats, V extends Float32Array> {
  /** f32[rows, cols] */
  probs: O;
  /** f32[rows, cols] */
  jvp: V;
}

/** @internal */
export const softmaxWithJvpOp: Operation = /* @__PURE__ */ declare({
  name: 'softmaxWithJvp',
  operands: [
    /* @__PURE__ */ logitsInput(),
    /* @__PURE__ */ input('tangent', 'row', 'f32', 0),
    /* @__PURE__ */ logitsOutput(),
    /* @__PURE__ */ output('jvpOut', 'row', 1),
  ],
  options: ['out', 'jvpOut', TEMPERATURE],
  made: ['out', 'jvpOut'],
  kernel: 'softmaxWithJvp',
  formula,
  rows: 'any or empty',
  spans: true,
  result: ({ operands: [, , probs, jvp] }) => ({ probs, jvp }),
});

/** y = softmax(x / T), v = y (u − ⟨y,u⟩) / T; y may be x, v may be u. */
function formula({ operands, rows, cols, temperature }: Call): void {
  const [x, u, y, v] = operands as [Float32Array, Float32Array, Float32Array, Float32Array];
  softmaxRows({ operands: [x, y], rows, cols, temperature });
  jvpRows([y, u, v], rows, cols, 1 / temperature);
}
