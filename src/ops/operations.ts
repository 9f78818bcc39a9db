import type { Host } from '../host.js';
import {
  type CrossEntropy,
  type CrossEntropyGrad,
  type CrossEntropyWithGrad,
  makeCrossEntropy,
  makeCrossEntropyGrad,
  makeCrossEntropyWithGrad,
} from './cross-entropy.js';
import { type LogSoftmax, makeLogSoftmax } from './log-softmax.js';
import { type LogSoftmaxJvp, makeLogSoftmaxJvp } from './log-softmax-jvp.js';
import { type LogSoftmaxVjp, makeLogSoftmaxVjp } from './log-softmax-vjp.js';
import { type LogSumExp, makeLogSumExp } from './log-sum-exp.js';
import { makeSoftmax, type Softmax } from './softmax.js';
import { makeSoftmaxJacobian, type SoftmaxJacobian } from './softmax-jacobian.js';
import { makeSoftmaxJvp, type SoftmaxJvp } from './softmax-jvp.js';
import { makeSoftmaxVjp, type SoftmaxVjp } from './softmax-vjp.js';
import { makeSoftmaxWithJvp, type SoftmaxWithJvp } from './softmax-with-jvp.js';

/** The functions that every engine has. */
export interface Operations {
  /** Softmax of each row: probabilities that sum to 1. */
  softmax: Softmax;
  /** Logarithm of the softmax of each row. */
  logSoftmax: LogSoftmax;
  /** Logarithm of the sum of exponentials of each row. */
  logSumExp: LogSumExp;
  /** Jacobian-vector product of softmax. */
  softmaxJvp: SoftmaxJvp;
  /** Vector-Jacobian product of softmax: the values of `softmaxJvp`. */
  softmaxVjp: SoftmaxVjp;
  /** Jacobian of softmax, every element of it. */
  softmaxJacobian: SoftmaxJacobian;
  /** Jacobian-vector product of log-softmax. */
  logSoftmaxJvp: LogSoftmaxJvp;
  /** Vector-Jacobian product of log-softmax. */
  logSoftmaxVjp: LogSoftmaxVjp;
  /** Softmax and its Jacobian-vector product in one pass. */
  softmaxWithJvp: SoftmaxWithJvp;
  /** Cross-entropy of logits with class indices or probabilities. */
  crossEntropy: CrossEntropy;
  /** Gradient of `crossEntropy` with respect to the logits. */
  crossEntropyGrad: CrossEntropyGrad;
  /** `crossEntropy` and `crossEntropyGrad` in one pass. */
  crossEntropyWithGrad: CrossEntropyWithGrad;
}

/** The functions over one host; they need no `this`. */
export function makeOperations(host: Host): Operations {
  return {
    softmax: makeSoftmax(host),
    logSoftmax: makeLogSoftmax(host),
    logSumExp: makeLogSumExp(host),
    softmaxJvp: makeSoftmaxJvp(host),
    softmaxVjp: makeSoftmaxVjp(host),
    softmaxJacobian: makeSoftmaxJacobian(host),
    logSoftmaxJvp: makeLogSoftmaxJvp(host),
    logSoftmaxVjp: makeLogSoftmaxVjp(host),
    softmaxWithJvp: makeSoftmaxWithJvp(host),
    crossEntropy: makeCrossEntropy(host),
    crossEntropyGrad: makeCrossEntropyGrad(host),
    crossEntropyWithGrad: makeCrossEntropyWithGrad(host),
  };
}
