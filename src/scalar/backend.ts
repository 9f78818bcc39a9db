import type { Backend } from '../backend.js';
import { crossEntropy } from './cross-entropy.js';
import { logSoftmaxJvp, logSoftmaxVjp, softmaxJacobian, softmaxJvp, softmaxWithJvp } from './derivatives.js';
import { logSoftmax } from './log-softmax.js';
import { logSumExp } from './log-sum-exp.js';
import { softmax } from './softmax.js';

/** Everything in TypeScript, in float64 until the result is stored. */
export const scalarBackend: Backend = {
  tier: 'scalar',

  // Its arrays lie in no linear memory.
  strays: () => false,
  softmax,
  logSoftmax,
  logSumExp,
  softmaxJvp: (a, u, y, rows, cols) => softmaxJvp(a, u, y, rows, cols, 1),
  logSoftmaxJvp,
  logSoftmaxVjp,
  softmaxJacobian,
  softmaxWithJvp,
  crossEntropy,
};
