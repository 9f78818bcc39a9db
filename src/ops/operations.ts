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
  softmax: Softmax;
  logSoftmax: LogSoftmax;
  logSumExp: LogSumExp;
  softmaxJvp: SoftmaxJvp;
  softmaxVjp: SoftmaxVjp;
  softmaxJacobian: SoftmaxJacobian;
  logSoftmaxJvp: LogSoftmaxJvp;
  logSoftmaxVjp: LogSoftmaxVjp;
  softmaxWithJvp: SoftmaxWithJvp;
  crossEntropy: CrossEntropy;
  crossEntropyGrad: CrossEntropyGrad;
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
