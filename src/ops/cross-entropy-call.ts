import { checkInteger, checkName, checkNumber, failRange, freshFloats, show } from '../check.js';
import type { OperandArray } from '../operand.js';
import type { Call, Setting } from '../operation.js';
import type { Reduction } from '../types.js';
import { TEMPERATURE } from './temperature.js';
import { bufferOf, byteOffsetOf, elementBytes, fillView, lengthOf } from '../view.js';

/** The operands of cross-entropy, by index: class indices or probabilities, one of them null. */
export const LABELS = 1;
export const PROBS = 2;
export const WEIGHTS = 3;
export const DLOGITS = 4;
export const LOSSES = 5;
export const ROW_WEIGHTS = 7;

/** Its parameters, by index: what losses and gradients are multiplied by, */
export const LOSS_SCALE = 0;
export const GRAD_SCALE = 1;
/** 1 − ε and ε / cols: what a target keeps, and what every class gets, */
export const KEEP = 2;
export const SPREAD = 3;
/** ζ, */
export const Z_LOSS = 4;
/** the class index of rows that are not read, an int32 when kernels see it, */
export const IGNORE_INDEX = 5;
/** and whether every class has a target: probabilities, or smoothing that does not vanish. Decided here alone. */
export const DENSE = 6;

/** The options of one of the three functions. */
export interface LossSettings {
  /** Whether the function returns a loss. */
  readonly hasLoss: boolean;
  reduction: Reduction;
  ignoreIndex: number;
  labelSmoothing: number;
  zLoss: number;
  scale: number;
  /** What 'mean' divides by; 0 until it is given or counted. */
  divisor: number;
}

export function lossSettings(hasLoss: boolean): LossSettings {
  return { hasLoss, reduction: 'mean', ignoreIndex: -100, labelSmoothing: 0, zLoss: 0, scale: 1, divisor: 0 };
}

/** In the order of checks; `out` only where the function has a gradient. */
export function lossOptions(hasGradient: boolean): (string | Setting<LossSettings>)[] {
  return [
    setting('reduction', (settings, op, value) => {
      settings.reduction = checkName(op, 'reduction', value, ['mean', 'sum', 'none']);
    }),
    setting('ignoreIndex', (settings, op, value, call) => {
      if (call.operands[LABELS] === null) return;
      settings.ignoreIndex = checkInteger(op, 'ignoreIndex', value, -Infinity, Infinity, 'an integer');
    }),
    setting('labelSmoothing', (settings, op, value) => {
      settings.labelSmoothing = checkNumber(op, 'labelSmoothing', value, 0, 1, 'a number in [0, 1]');
    }),
    'classWeights',
    setting('zLoss', (settings, op, value) => {
      settings.zLoss = checkNumber(op, 'zLoss', value, 0, Number.MAX_VALUE, 'a finite number >= 0');
    }),
    setting('scale', (settings, op, value) => {
      settings.scale = checkNumber(op, 'scale', value, -Number.MAX_VALUE, Number.MAX_VALUE, 'a finite number');
    }),
    TEMPERATURE,
    'rowWeights',
    setting('divisor', (settings, op, value) => {
      const rule = 'a finite number other than 0';
      const divisor = checkNumber(op, 'divisor', value, -Number.MAX_VALUE, Number.MAX_VALUE, rule);
      if (divisor === 0) failRange(op, 'divisor', rule, show(value));
      if (settings.reduction !== 'mean') {
        failRange(op, 'divisor', `undefined with reduction '${settings.reduction}'`, show(value));
      }
      settings.divisor = divisor;
    }),
    hasGradient ? 'out' : setting('out', () => undefined),
    'losses',
    'lse',
  ];
}

type LossCall = Call<LossSettings>;

function setting(
  name: string,
  read: (settings: LossSettings, op: string, value: unknown, call: LossCall) => void,
): Setting<LossSettings> {
  return { name, read: (call, value) => read(call.settings, call.operation.name, value, call) };
}

/** What is summed, and the parameters of the kernels; two of them are not known before the rows are counted. */
export function prepareLoss(call: LossCall): void {
  const { operands, operation, rows, cols, settings, parameters } = call;
  const { reduction, ignoreIndex, labelSmoothing, zLoss, scale } = settings;
  if (settings.hasLoss) {
    if (reduction === 'none') operands[LOSSES] ??= freshFloats(operation.name, rows);
    else call.summed = LOSSES;
  }
  const spread = labelSmoothing / cols;
  parameters[LOSS_SCALE] = scale;
  parameters[GRAD_SCALE] = scale;
  parameters[KEEP] = 1 - labelSmoothing;
  parameters[SPREAD] = spread;
  parameters[Z_LOSS] = zLoss;
  parameters[IGNORE_INDEX] = ignoreIndex;
  call.whole = operands[PROBS] !== null || spread !== 0;
  parameters[DENSE] = call.whole ? 1 : 0;
}

/** The values of class indices and row weights; returns the divisor of 'mean'. */
export function surveyRows(call: LossCall): number {
  const { operands, operation, rows, cols, parameters } = call;
  const weights = operands[WEIGHTS] as Float32Array | null;
  if (operands[ROW_WEIGHTS] !== null) checkRowWeights(operation.name, operands[ROW_WEIGHTS]);
  const labels = operands[LABELS];
  if (labels === null) return rows;
  const ignored = parameters[IGNORE_INDEX];
  if (elementBytes(labels) <= 4) return checkLabels(operation.name, labels, cols, ignored, weights);
  const narrowed = narrow(operation.name, labels as never, cols, ignored);
  operands[LABELS] = narrowed;
  parameters[IGNORE_INDEX] = NEVER;
  return checkLabels(operation.name, narrowed, cols, NEVER, weights);
}

/** The divisor of 'mean', and what kernels take for the ignored class: they leave out every row whose label is no class. */
export function divideLoss({ settings, parameters }: LossCall, counted: number): void {
  if (settings.divisor === 0) settings.divisor = counted;
  if (settings.reduction === 'mean') parameters[GRAD_SCALE] = settings.scale / settings.divisor;
  const ignored = parameters[IGNORE_INDEX];
  if ((ignored | 0) !== ignored) parameters[IGNORE_INDEX] = NEVER;
}

function checkRowWeights(op: string, weights: OperandArray): void {
  for (let r = 0, rows = lengthOf(weights); r < rows; r++) {
    const weight = weights[r];
    if (Math.abs(weight) === Infinity) failRange(op, `rowWeights[${r}]`, 'a finite number', String(weight));
  }
}

/** 64-bit class indices, checked, as int32, which is what kernels take; the ignored one is NEVER. */
function narrow(op: string, labels: BigInt64Array | BigUint64Array, cols: number, ignored: number): Int32Array {
  const rows = lengthOf(labels as never);
  const words = new Int32Array(bufferOf(labels as never), byteOffsetOf(labels as never), 2 * rows);
  const narrowed = new Int32Array(rows);
  for (let r = 0; r < rows; r++) {
    const low = words[2 * r];
    // The others are not int32, or ignored.
    if (words[2 * r + 1] === 0 && low >= 0 && low < cols && low !== ignored) narrowed[r] = low;
    else if (Number(labels[r]) === ignored) narrowed[r] = NEVER;
    else failLabel(op, r, String(labels[r]), cols, ignored);
  }
  return narrowed;
}

/** A class index that none is. */
const NEVER = -1;

function failLabel(op: string, r: number, label: string, cols: number, ignored: number): never {
  failRange(op, `targets[${r}]`, `in [0, ${cols}) or ignoreIndex ${ignored}`, label);
}

/** Labels that are looked at together. */
const SOME = 1024;

/** Every label in [0, cols) or the ignored one; returns the divisor of 'mean': the kept rows, or their picked weights. */
function checkLabels(
  op: string,
  labels: OperandArray,
  cols: number,
  ignored: number,
  weights: Float32Array | null,
): number {
  const rows = lengthOf(labels);
  const maySkip = weights === null && !(ignored >= 0 && ignored < cols);
  let divisor = 0;
  for (let r = 0; r < rows; r += SOME) {
    const to = r + SOME < rows ? r + SOME : rows;
    if (maySkip && areClasses(labels, r, to, cols - 1)) {
      divisor += to - r;
      continue;
    }
    for (let i = r; i < to; i++) {
      const label = labels[i];
      if (label === ignored) continue;
      if (label < 0 || label >= cols) failLabel(op, i, String(label), cols, ignored);
      divisor += weights === null ? 1 : weights[label];
    }
  }
  return divisor;
}

/** Whether all of them lie in [0, last]: their signs and those of what is left to `last`, without a branch a label. */
function areClasses(labels: OperandArray, from: number, to: number, last: number): boolean {
  let signs = 0;
  for (let i = from; i < to; i++) signs |= labels[i] | (last - labels[i]);
  return signs >= 0;
}

/**
 * What the functions return as the loss. Where no row is kept, or the picked weights sum to 0, losses and gradient are 0,
 * also the z term's, whatever was computed; `lse` stays. A divisor that was given is what all rows of a larger batch divide
 * by: then each row counts as it does there.
 */
export function lossOf({ settings, total, operands }: LossCall): number | OperandArray {
  const { reduction, divisor } = settings;
  if (divisor === 0) {
    for (const i of [LOSSES, DLOGITS]) if (operands[i] !== null) fillView(operands[i], 0);
  }
  if (reduction === 'none') return operands[LOSSES]!;
  const sum = divisor === 0 ? 0 : total;
  // + 0: a negative divisor makes no -0 of a perfect fit.
  return reduction === 'sum' ? sum : sum / divisor + 0;
}

/** The gradient, of which the same holds; its function needs no array for the losses of 'none'. */
export function gradientOf(call: LossCall): OperandArray {
  lossOf(call);
  return call.operands[DLOGITS]!;
}
