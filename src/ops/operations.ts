import type { Operation } from '../operation.js';
import type { Mode } from '../types.js';
import { type Softmax, softmaxOp } from './softmax.js';
import { type LogSoftmax, logSoftmaxOp } from './log-softmax.js';
import { type LogSumExp, logSumExpOp } from './log-sum-exp.js';
import { type Entropy, entropyOp } from './entropy.js';
import { type Argmax, argmaxOp } from './argmax.js';
import { type TopK, topKOp } from './top-k.js';
import { type Sample, sampleOp } from './sample.js';
import { type FilterLogits, filterLogitsOp } from './filter-logits.js';
import { type SoftmaxJvp, softmaxJvpOp } from './softmax-jvp.js';
import { type SoftmaxVjp, softmaxVjpOp } from './softmax-vjp.js';
import { type SoftmaxJacobian, softmaxJacobianOp } from './softmax-jacobian.js';
import { type LogSoftmaxJvp, logSoftmaxJvpOp } from './log-softmax-jvp.js';
import { type LogSoftmaxVjp, logSoftmaxVjpOp } from './log-softmax-vjp.js';
import { type SoftmaxWithJvp, softmaxWithJvpOp } from './softmax-with-jvp.js';
import {
  type CrossEntropy,
  crossEntropyOp,
  type CrossEntropyGrad,
  crossEntropyGradOp,
  type CrossEntropyWithGrad,
  crossEntropyWithGradOp,
} from './cross-entropy.js';

/** The functions that every engine has; in mode 'async' they return promises. */
export interface Operations<M extends Mode = 'sync'> {
  /** Softmax of each row: probabilities that sum to 1. */
  softmax: Softmax<M>;
  /** Logarithm of the softmax of each row. */
  logSoftmax: LogSoftmax<M>;
  /** Logarithm of the sum of exponentials of each row. */
  logSumExp: LogSumExp<M>;
  /** Entropy of the softmax of each row. */
  entropy: Entropy<M>;
  /** The column of each row's largest logit. */
  argmax: Argmax<M>;
  /** The k largest logits of each row, with their columns. */
  topK: TopK<M>;
  /** A token of each row, drawn from its logits. */
  sample: Sample<M>;
  /** The logits that `sample` draws from. */
  filterLogits: FilterLogits<M>;
  /** Jacobian-vector product of softmax. */
  softmaxJvp: SoftmaxJvp<M>;
  /** Vector-Jacobian product of softmax: the values of `softmaxJvp`. */
  softmaxVjp: SoftmaxVjp<M>;
  /** Jacobian of softmax, every element of it. */
  softmaxJacobian: SoftmaxJacobian<M>;
  /** Jacobian-vector product of log-softmax. */
  logSoftmaxJvp: LogSoftmaxJvp<M>;
  /** Vector-Jacobian product of log-softmax. */
  logSoftmaxVjp: LogSoftmaxVjp<M>;
  /** Softmax and its Jacobian-vector product in one pass. */
  softmaxWithJvp: SoftmaxWithJvp<M>;
  /** Cross-entropy of logits with class indices or probabilities. */
  crossEntropy: CrossEntropy<M>;
  /** Gradient of `crossEntropy` with respect to the logits. */
  crossEntropyGrad: CrossEntropyGrad<M>;
  /** `crossEntropy` and `crossEntropyGrad` in one pass. */
  crossEntropyWithGrad: CrossEntropyWithGrad<M>;
}

/**
 * All of them. Their order is how the threads of a pool name them, so it is the same in one build.
 *
 * @internal
 */
export const OPERATIONS: readonly Operation[] = [
  softmaxOp,
  logSoftmaxOp,
  logSumExpOp,
  entropyOp,
  argmaxOp,
  topKOp,
  sampleOp,
  filterLogitsOp,
  softmaxJvpOp,
  softmaxVjpOp,
  softmaxJacobianOp,
  logSoftmaxJvpOp,
  logSoftmaxVjpOp,
  softmaxWithJvpOp,
  crossEntropyOp,
  crossEntropyGradOp,
  crossEntropyWithGradOp,
];
