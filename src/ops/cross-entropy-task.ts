import type { CrossEntropyTask } from '../backend.js';
import {
  checkApart,
  checkCols,
  checkFloats,
  checkLength,
  checkNumber,
  checkOptions,
  checkSameOrApart,
  checkTargets,
  checkTemperature,
  failRange,
  failType,
  show,
} from '../check.js';
import type { Host } from '../host.js';
import type { CrossEntropyOptions, Reduction, Targets } from '../types.js';

/** A checked call of one of the three cross-entropy functions, before its missing outputs are allocated. */
export interface CheckedCall extends CrossEntropyTask {
  reduction: Reduction;
  /** What 'mean' divides by. */
  divisor: number;
  /** No row is kept, or the picked class weights sum to 0. */
  nothingKept: boolean;
}

const NONE: CrossEntropyOptions = {};

/** Checks the arguments of `op` in the order of the signature, then of CrossEntropyOptions, the targets' values last. */
export function checkCrossEntropy(
  host: Host,
  op: string,
  logits: Float32Array,
  targets: Targets,
  cols: number,
  options: CrossEntropyOptions | undefined,
  withGradient: boolean,
): CheckedCall {
  checkFloats(host, op, 'logits', logits);
  const indices = checkTargets(host, op, targets);
  const rows = checkCols(op, cols, 'logits', logits.length);
  if (indices) checkLength(op, 'targets', targets.length, 'rows', rows);
  else checkLength(op, 'targets', targets.length, 'logits.length', logits.length);
  if (options === undefined) options = NONE;
  else checkOptions(op, options);

  const reduction = checkReduction(op, options.reduction);
  const ignored = indices ? checkIgnoreIndex(op, options.ignoreIndex) : -1;
  const labelSmoothing = checkNumber(op, 'labelSmoothing', options.labelSmoothing, 0, 0, 1, 'a number in [0, 1]');
  const classWeights = options.classWeights;
  if (classWeights !== undefined) {
    checkFloats(host, op, 'classWeights', classWeights);
    checkLength(op, 'classWeights', classWeights.length, 'cols', cols);
  }
  const max = Number.MAX_VALUE;
  const zLoss = checkNumber(op, 'zLoss', options.zLoss, 0, 0, max, 'a finite number >= 0');
  const scale = checkNumber(op, 'scale', options.scale, 1, -max, max, 'a finite number');
  const temperature = checkTemperature(op, options.temperature);
  const given = checkDivisor(op, options.divisor, reduction);

  const out = withGradient ? options.out : undefined;
  if (out !== undefined) {
    checkFloats(host, op, 'out', out);
    checkLength(op, 'out', out.length, 'logits.length', logits.length);
    checkSameOrApart(op, 'out', out, 'logits', logits);
    checkApart(op, 'out', out, 'targets', targets);
    if (classWeights !== undefined) checkApart(op, 'out', out, 'classWeights', classWeights);
  }
  const losses = options.losses;
  if (losses !== undefined) {
    checkSideOutput(host, op, 'losses', losses, logits, targets, rows, classWeights, out);
  }
  const lse = options.lse;
  if (lse !== undefined) {
    checkSideOutput(host, op, 'lse', lse, logits, targets, rows, classWeights, out);
    if (losses !== undefined) checkApart(op, 'lse', lse, 'losses', losses);
  }
  const counted = indices ? checkLabels(op, targets as Int32Array, cols, ignored, classWeights) : rows;
  const divisor = given ?? counted;

  return {
    logits,
    targets,
    indices,
    rows,
    cols,
    temperature,
    // Int32 labels never equal an index outside int32, and checked ones are never -1 unless -1 itself is ignored.
    ignoreIndex: (ignored | 0) === ignored ? ignored : -1,
    labelSmoothing,
    classWeights: classWeights ?? null,
    zLoss,
    lossScale: scale,
    gradScale: reduction === 'mean' ? scale / divisor : scale,
    dlogits: out ?? null,
    losses: losses ?? null,
    lse: lse ?? null,
    reduction,
    divisor,
    nothingKept: counted === 0,
  };
}

function checkReduction(op: string, reduction: Reduction | undefined): Reduction {
  if (reduction === undefined) return 'mean';
  const rule = "'mean', 'sum' or 'none'";
  if (typeof reduction !== 'string') failType(op, 'reduction', rule, show(reduction));
  if (reduction !== 'mean' && reduction !== 'sum' && reduction !== 'none') {
    failRange(op, 'reduction', rule, show(reduction));
  }
  return reduction;
}

function checkIgnoreIndex(op: string, ignoreIndex: number | undefined): number {
  if (ignoreIndex === undefined) return -100;
  if (typeof ignoreIndex !== 'number') failType(op, 'ignoreIndex', 'an integer', show(ignoreIndex));
  if (!Number.isInteger(ignoreIndex)) failRange(op, 'ignoreIndex', 'an integer', show(ignoreIndex));
  return ignoreIndex;
}

function checkDivisor(op: string, divisor: number | undefined, reduction: Reduction): number | undefined {
  if (divisor === undefined) return undefined;
  const rule = 'a finite number other than 0';
  if (typeof divisor !== 'number') failType(op, 'divisor', rule, show(divisor));
  if (!Number.isFinite(divisor) || divisor === 0) failRange(op, 'divisor', rule, show(divisor));
  if (reduction !== 'mean') failRange(op, 'divisor', `undefined with reduction '${reduction}'`, show(divisor));
  return divisor;
}

/** f32[rows] that shares no byte with any input or with `out`. */
function checkSideOutput(
  host: Host,
  op: string,
  argument: string,
  array: Float32Array,
  logits: Float32Array,
  targets: Targets,
  rows: number,
  classWeights: Float32Array | undefined,
  out: Float32Array | undefined,
): void {
  checkFloats(host, op, argument, array);
  checkLength(op, argument, array.length, 'rows', rows);
  checkApart(op, argument, array, 'logits', logits);
  checkApart(op, argument, array, 'targets', targets);
  if (classWeights !== undefined) checkApart(op, argument, array, 'classWeights', classWeights);
  if (out !== undefined) checkApart(op, argument, array, 'out', out);
}

/** Every label in [0, cols) or the ignored one; returns what 'mean' counts: the kept rows, or their picked weights. */
function checkLabels(
  op: string,
  labels: Int32Array,
  cols: number,
  ignored: number,
  classWeights: Float32Array | undefined,
): number {
  let divisor = 0;
  for (let r = 0; r < labels.length; r++) {
    const label = labels[r]!;
    if (label === ignored) continue;
    if (label < 0 || label >= cols) failLabel(op, r, cols, ignored, label);
    divisor += classWeights === undefined ? 1 : classWeights[label]!;
  }
  return divisor;
}

function failLabel(op: string, r: number, cols: number, ignored: number, label: number): never {
  failRange(op, `targets[${r}]`, `in [0, ${cols}) or ignoreIndex ${ignored}`, String(label));
}
