/** The exports of both modules; docs/abi.md has the layout. */
export { abi, tier } from './tier';
export * from './layout';
export { constants } from './table';
export { at } from './ops/at';
export { crossEntropy } from './ops/cross-entropy';
export { entropy } from './ops/entropy';
export { logSoftmax } from './ops/log-softmax';
export { logSoftmaxJvp } from './ops/log-softmax-jvp';
export { logSoftmaxVjp } from './ops/log-softmax-vjp';
export { logSumExp } from './ops/log-sum-exp';
export { softmax } from './ops/softmax';
export { softmaxJacobian } from './ops/softmax-jacobian';
export { softmaxJvp } from './ops/softmax-jvp';
export { softmaxWithJvp } from './ops/softmax-with-jvp';
