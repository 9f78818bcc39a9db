import { input, logitsInput, logitsOutput, output } from '../operand.js';
import { type Declaration, declare, type Operation } from '../operation.js';
import type {
  CrossEntropyOptions,
  Float16,
  Floats,
  HalfKind,
  Loss,
  Mode,
  OfBits,
  OptionsOf,
  Reduction,
  ResultOf,
  Targets,
} from '../types.js';
import { crossEntropyRows } from './cross-entropy-formula.js';
import {
  DLOGITS,
  gradientOf,
  lossOf,
  lossOptions,
  type LossSettings,
  lossSettings,
  divideLoss,
  prepareLoss,
  surveyRows,
} from './cross-entropy-call.js';

/** The type of `crossEntropy`. */
export interface CrossEntropy<M extends Mode = 'sync'> {
  /**
   * Cross-entropy of each row with a class index or with probabilities, reduced over the rows.
   *
   * @param logits f32[rows, cols], row-major
   * @param targets class indices, integers [rows] of any size, or Float32Array[rows, cols] probabilities
   * @param cols classes, the elements of a row
   * @param options see {@link CrossEntropyOptions}; `losses` and `lse` are written when given, `out` is not read
   * @returns the loss in float64; for reduction 'none' the f32[rows] losses, `losses` itself when given. Class indices:
   *   each row within 4 ULP, never below 0; a row with a NaN or +Infinity is NaN
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, an option or a class index out of range, or an output that overlaps anything else
   * @example
   * crossEntropy(Float32Array.of(2, 0, 0, 2), Int32Array.of(0, 1), 2); // 0.1269
   */
  <R extends Reduction = 'mean', L extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    targets: Targets,
    cols: number,
    options?: OptionsOf<M, CrossEntropyOptions<Float32Array, L, R>>,
  ): ResultOf<M, Loss<NoInfer<L>, NoInfer<R>>>;
  /** Of half floats, which `dtype` names. */
  <R extends Reduction = 'mean', L extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Uint16Array,
    targets: Targets,
    cols: number,
    options: OptionsOf<M, CrossEntropyOptions<Float32Array, L, R, HalfKind> & OfBits>,
  ): ResultOf<M, Loss<NoInfer<L>, NoInfer<R>>>;
  /** Of a Float16Array. */
  <R extends Reduction = 'mean', L extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float16,
    targets: Targets,
    cols: number,
    options?: OptionsOf<M, CrossEntropyOptions<Float32Array, L, R, 'float16'>>,
  ): ResultOf<M, Loss<NoInfer<L>, NoInfer<R>>>;
}

/** The type of `crossEntropyGrad`. */
export interface CrossEntropyGrad<M extends Mode = 'sync'> {
  /**
   * Gradient of `crossEntropy` with respect to the logits; reduction 'none' gives each row its own gradient.
   *
   * @param logits f32[rows, cols], row-major
   * @param targets class indices, integers [rows] of any size, or Float32Array[rows, cols] probabilities
   * @param cols classes, the elements of a row
   * @param options see {@link CrossEntropyOptions}; `out` f32[rows, cols] may be exactly `logits`
   * @returns dlogits f32[rows, cols], `out` itself when given. Class indices without smoothing and zLoss: within 6 ULP;
   *   rows with the ignored class are exactly 0
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, an option or a class index out of range, or an output that overlaps anything else
   * @example
   * crossEntropyGrad(Float32Array.of(0, 0), Int32Array.of(1), 2); // [0.5, -0.5]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    targets: Targets,
    cols: number,
    options?: OptionsOf<M, CrossEntropyOptions<O>>,
  ): ResultOf<M, NoInfer<O>>;
  /** Of half floats, which `dtype` names; `out` may be of the same. */
  <O extends Float32Array | Uint16Array = Float32Array<ArrayBuffer>>(
    logits: Uint16Array,
    targets: Targets,
    cols: number,
    options: OptionsOf<M, CrossEntropyOptions<O, Float32Array, Reduction, HalfKind> & OfBits>,
  ): ResultOf<M, NoInfer<O>>;
  /** Of a Float16Array; `out` may be one. */
  <O extends Float32Array | Float16 = Float32Array<ArrayBuffer>>(
    logits: Float16,
    targets: Targets,
    cols: number,
    options?: OptionsOf<M, CrossEntropyOptions<O, Float32Array, Reduction, 'float16'>>,
  ): ResultOf<M, NoInfer<O>>;
}

/** The type of `crossEntropyWithGrad`. */
export interface CrossEntropyWithGrad<M extends Mode = 'sync'> {
  /**
   * `crossEntropy` and `crossEntropyGrad` in one pass over the logits.
   *
   * @param logits f32[rows, cols], row-major
   * @param targets class indices, integers [rows] of any size, or Float32Array[rows, cols] probabilities
   * @param cols classes, the elements of a row
   * @param options see {@link CrossEntropyOptions}; `out` f32[rows, cols] may be exactly `logits`
   * @returns `loss` and `dlogits` with the bits that the two functions return
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, an option or a class index out of range, or an output that overlaps anything else
   * @example
   * crossEntropyWithGrad(Float32Array.of(0, 0), Int32Array.of(1), 2); // { loss: 0.6931, dlogits: [0.5, -0.5] }
   */
  <
    R extends Reduction = 'mean',
    O extends Float32Array = Float32Array<ArrayBuffer>,
    L extends Float32Array = Float32Array<ArrayBuffer>,
  >(
    logits: Float32Array,
    targets: Targets,
    cols: number,
    options?: OptionsOf<M, CrossEntropyOptions<O, L, R>>,
  ): ResultOf<M, LossAndGrad<NoInfer<O>, NoInfer<L>, NoInfer<R>>>;
  /** Of half floats, which `dtype` names; `out` may be of the same. */
  <
    R extends Reduction = 'mean',
    O extends Float32Array | Uint16Array = Float32Array<ArrayBuffer>,
    L extends Float32Array = Float32Array<ArrayBuffer>,
  >(
    logits: Uint16Array,
    targets: Targets,
    cols: number,
    options: OptionsOf<M, CrossEntropyOptions<O, L, R, HalfKind> & OfBits>,
  ): ResultOf<M, LossAndGrad<NoInfer<O>, NoInfer<L>, NoInfer<R>>>;
  /** Of a Float16Array; `out` may be one. */
  <
    R extends Reduction = 'mean',
    O extends Float32Array | Float16 = Float32Array<ArrayBuffer>,
    L extends Float32Array = Float32Array<ArrayBuffer>,
  >(
    logits: Float16,
    targets: Targets,
    cols: number,
    options?: OptionsOf<M, CrossEntropyOptions<O, L, R, 'float16'>>,
  ): ResultOf<M, LossAndGrad<NoInfer<O>, NoInfer<L>, NoInfer<R>>>;
}

/** What `crossEntropyWithGrad` returns. */
export interface LossAndGrad<O extends Floats, L extends Float32Array, R extends Reduction> {
  /** A number; for reduction 'none' f32[rows] */
  loss: Loss<L, R>;
  /** f32[rows, cols] */
  dlogits: O;
}

/** What the three functions have in common; `out` and the losses differ. */
function declareLoss(of: Pick<Declaration<LossSettings>, 'name' | 'made' | 'result'>, hasLoss: boolean): Operation {
  return declare({
    ...of,
    operands: [
      logitsInput(),
      input('targets', 'one', 'label'),
      input('targets', 'row'),
      input('classWeights', 'all'),
      logitsOutput(),
      output('losses', 'one'),
      output('lse', 'one'),
      input('rowWeights', 'one'),
    ],
    options: lossOptions(of.made.length > 0),
    kernel: 'crossEntropy',
    formula: crossEntropyRows,
    settings: () => lossSettings(hasLoss),
    prepare: prepareLoss,
    survey: surveyRows,
    conclude: divideLoss,
    rows: 'any',
    across: true,
    spans: true,
  });
}

/** @internal */
export const crossEntropyOp: Operation = /* @__PURE__ */ declareLoss(
  { name: 'crossEntropy', made: [], result: lossOf },
  true,
);

/** @internal */
export const crossEntropyGradOp: Operation = /* @__PURE__ */ declareLoss(
  { name: 'crossEntropyGrad', made: ['out'], result: gradientOf },
  false,
);

/** @internal */
export const crossEntropyWithGradOp: Operation = /* @__PURE__ */ declareLoss(
  {
    name: 'crossEntropyWithGrad',
    made: ['out'],
    result: (call) => ({ loss: lossOf(call), dlogits: call.operands[DLOGITS] }),
  },
  true,
);
