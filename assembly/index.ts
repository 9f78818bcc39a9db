/** The exports of both modules. All arguments are byte pointers, counts and numbers; docs/abi.md has the layout. */
export { abi, tier } from './tier';
export { constants } from './exp';
export { softmax } from './softmax';
export { logSoftmax, rowLogSoftmax } from './log-softmax';
export { logSumExp } from './log-sum-exp';
export {
  softmaxJvp,
  logSoftmaxJvp,
  logSoftmaxVjp,
  softmaxJacobian,
  softmaxWithJvp,
  rowDot,
  rowExpDot,
  rowTotal,
  rowJvp,
  rowMinus,
  rowLogVjp,
} from './derivatives';
export { crossEntropy, groupLoss, rowTau, tauDone, rowMinusTau } from './cross-entropy';
export { finish, lseOf, ready, rowStart, maxExp } from './state';
export { rowEdge, rowExpSum, rowMax, rowRest, rowScale, rowSum } from './rows';
