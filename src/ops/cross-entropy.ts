import { freshFloats } from '../check.js';
import type { Host } from '../host.js';
import type { CrossEntropyOptions, Loss, Reduction, Targets } from '../types.js';
import { type CheckedCall, checkCrossEntropy } from './cross-entropy-task.js';

/** The type of `crossEntropy`. */
export interface CrossEntropy {
  /**
   * Cross-entropy of each row with a class index or with probabilities, reduced over the rows.
   *
   * @param logits f32[rows, cols], row-major
   * @param targets Int32Array[rows] class indices, or Float32Array[rows, cols] probabilities
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
    options?: CrossEntropyOptions<Float32Array, L, R>,
  ): Loss<NoInfer<L>, NoInfer<R>>;
}

/** The type of `crossEntropyGrad`. */
export interface CrossEntropyGrad {
  /**
   * Gradient of `crossEntropy` with respect to the logits; reduction 'none' gives each row its own gradient.
   *
   * @param logits f32[rows, cols], row-major
   * @param targets Int32Array[rows] class indices, or Float32Array[rows, cols] probabilities
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
    options?: CrossEntropyOptions<O>,
  ): NoInfer<O>;
}

/** The type of `crossEntropyWithGrad`. */
export interface CrossEntropyWithGrad {
  /**
   * `crossEntropy` and `crossEntropyGrad` in one pass over the logits.
   *
   * @param logits f32[rows, cols], row-major
   * @param targets Int32Array[rows] class indices, or Float32Array[rows, cols] probabilities
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
    options?: CrossEntropyOptions<O, L, R>,
  ): {
    /** A number; for reduction 'none' f32[rows] */
    loss: Loss<NoInfer<L>, NoInfer<R>>;
    /** f32[rows, cols] */
    dlogits: NoInfer<O>;
  };
}

export function makeCrossEntropy(host: Host): CrossEntropy {
  return function crossEntropy(logits: Float32Array, targets: Targets, cols: number, options?: CrossEntropyOptions) {
    const op = 'crossEntropy';
    const call = checkCrossEntropy(host, op, logits, targets, cols, options, false);
    return run(host, op, call);
  } as CrossEntropy;
}

export function makeCrossEntropyGrad(host: Host): CrossEntropyGrad {
  return function crossEntropyGrad(
    logits: Float32Array,
    targets: Targets,
    cols: number,
    options?: CrossEntropyOptions,
  ): Float32Array {
    const op = 'crossEntropyGrad';
    const call = checkCrossEntropy(host, op, logits, targets, cols, options, true);
    const dlogits = (call.dlogits ??= freshFloats(op, logits.length));
    // The row losses are not returned here: 'none' needs no array for them.
    if (call.reduction === 'none') call.reduction = 'sum';
    run(host, op, call);
    return dlogits;
  } as CrossEntropyGrad;
}

export function makeCrossEntropyWithGrad(host: Host): CrossEntropyWithGrad {
  return function crossEntropyWithGrad(
    logits: Float32Array,
    targets: Targets,
    cols: number,
    options?: CrossEntropyOptions,
  ) {
    const op = 'crossEntropyWithGrad';
    const call = checkCrossEntropy(host, op, logits, targets, cols, options, true);
    const dlogits = (call.dlogits ??= freshFloats(op, logits.length));
    return { loss: run(host, op, call), dlogits };
  } as CrossEntropyWithGrad;
}

/** Computes a checked call and reduces its losses. */
function run(host: Host, op: string, call: CheckedCall): number | Float32Array {
  if (call.reduction === 'none') call.losses ??= freshFloats(op, call.rows);
  const backend = host.backend ?? host.open();
  let total = 0;
  if (call.nothingKept) {
    // Before dlogits, which may be logits.
    if (call.lse !== null) backend.logSumExp(call.logits, call.lse, call.rows, call.cols, call.temperature);
    writeNothingKept(call);
  } else {
    total = backend.crossEntropy(call);
  }
  return reducedLoss(call, total);
}

/** What the functions return as the loss, `total` being the float64 sum in row order of the f32 row losses. */
export function reducedLoss(call: CheckedCall, total: number): number | Float32Array {
  if (call.reduction === 'none') return call.losses!;
  // + 0: a negative divisor gives no -0.
  return call.reduction === 'sum' ? total : total / call.divisor + 0;
}

/**
 * No row is kept, or the picked weights sum to 0: loss and gradient are 0, also the z term's. `lse` holds logSumExp of every
 * row.
 */
export function writeNothingKept(call: CheckedCall): void {
  const { lse, targets } = call;
  if (lse !== null) for (let r = 0; r < call.rows; r++) if (targets[r] === call.ignoreIndex) lse[r] = 0;
  call.losses?.fill(0);
  call.dlogits?.fill(0);
}
