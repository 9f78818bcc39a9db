import {
  checkApart,
  checkCols,
  checkFloats,
  checkLength,
  checkOptions,
  checkSameOrApart,
  checkTemperature,
  freshFloats,
} from '../check.js';
import type { Host } from '../host.js';
import type { WithJvpOptions } from '../types.js';

/** The type of `softmaxWithJvp`. */
export interface SoftmaxWithJvp {
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
    options?: WithJvpOptions<O, V>,
  ): {
    /** f32[rows, cols] */
    probs: NoInfer<O>;
    /** f32[rows, cols] */
    jvp: NoInfer<V>;
  };
}

export function makeSoftmaxWithJvp(host: Host): SoftmaxWithJvp {
  const op = 'softmaxWithJvp';
  return function softmaxWithJvp(
    logits: Float32Array,
    tangent: Float32Array,
    cols: number,
    options?: WithJvpOptions,
  ): { probs: Float32Array; jvp: Float32Array } {
    checkFloats(host, op, 'logits', logits);
    checkFloats(host, op, 'tangent', tangent);
    checkLength(op, 'tangent', tangent.length, 'logits.length', logits.length);
    const rows = checkCols(op, cols, 'logits', logits.length);
    let probs: Float32Array | undefined;
    let jvp: Float32Array | undefined;
    let temperature = 1;
    if (options !== undefined) {
      checkOptions(op, options);
      probs = options.out;
      if (probs !== undefined) {
        checkFloats(host, op, 'out', probs);
        checkLength(op, 'out', probs.length, 'logits.length', logits.length);
        checkSameOrApart(op, 'out', probs, 'logits', logits);
        checkApart(op, 'out', probs, 'tangent', tangent);
      }
      jvp = options.jvpOut;
      if (jvp !== undefined) {
        checkFloats(host, op, 'jvpOut', jvp);
        checkLength(op, 'jvpOut', jvp.length, 'logits.length', logits.length);
        checkApart(op, 'jvpOut', jvp, 'logits', logits);
        checkSameOrApart(op, 'jvpOut', jvp, 'tangent', tangent);
        if (probs !== undefined) checkApart(op, 'jvpOut', jvp, 'out', probs);
      }
      temperature = checkTemperature(op, options.temperature);
    }
    probs ??= freshFloats(op, logits.length);
    jvp ??= freshFloats(op, logits.length);
    (host.backend ?? host.open()).softmaxWithJvp(logits, tangent, probs, jvp, rows, cols, temperature);
    return { probs, jvp };
  } as SoftmaxWithJvp;
}
