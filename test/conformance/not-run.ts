import { type Case, columns, type ErrorCase } from './cases.js';

/** Why cases are not run, and which: both ways, as a test checks that each id is one that the condition holds for. */
export interface Listed<C> {
  reason: string;
  applies: (of: C) => boolean;
  ids: string[];
}

/** Conventions of the data that are CONTRACT.md's too: the target 0 of a -Infinity logit adds nothing to the loss. */
const AGREED = ['safe-xlogy'];

const REDUCTIONS = ['mean', 'sum', 'none'];

/**
 * The first condition that holds for a case is its reason. A case that none holds for is run.
 */
export const NOT_RUN: Record<string, Listed<Case>> = {
  'no nllLoss': {
    reason: 'no function of a loss on given log-probabilities',
    applies: ({ op }) => op === 'nllLoss',
    ids: [
      'onnx-node/test_nllloss_NC',
      'onnx-node/test_nllloss_NCd1',
      'onnx-node/test_nllloss_NCd1_ii',
      'onnx-node/test_nllloss_NCd1_mean_weight_negative_ii',
      'onnx-node/test_nllloss_NCd1_weight',
      'onnx-node/test_nllloss_NCd1_weight_ii',
      'onnx-node/test_nllloss_NCd1d2',
      'onnx-node/test_nllloss_NCd1d2_no_weight_reduction_mean_ii',
      'onnx-node/test_nllloss_NCd1d2_reduction_mean',
      'onnx-node/test_nllloss_NCd1d2_reduction_sum',
      'onnx-node/test_nllloss_NCd1d2_with_weight',
      'onnx-node/test_nllloss_NCd1d2_with_weight_reduction_mean',
      'onnx-node/test_nllloss_NCd1d2_with_weight_reduction_sum',
      'onnx-node/test_nllloss_NCd1d2_with_weight_reduction_sum_ii',
      'onnx-node/test_nllloss_NCd1d2d3_none_no_weight_negative_ii',
      'onnx-node/test_nllloss_NCd1d2d3_sum_weight_high_ii',
    ],
  },
  'no vjp of logSumExp': {
    reason: 'no function: it is the softmax times the cotangent (the case has a mask besides)',
    applies: ({ op, params }) => op === 'vjp' && params.of === 'logSumExp',
    ids: ['jax/logsumexp_where_grad'],
  },
  'convention all-masked-zero': {
    reason: 'a row that is masked whole is NaN here, as in PyTorch, and there is no mask option',
    applies: ({ convention }) => convention === 'all-masked-zero',
    ids: ['jax/softmax_empty_mask', 'jax/log_softmax_empty_mask'],
  },
  'convention posinf-share': {
    reason: 'a row with +Infinity is NaN here, as in PyTorch; NNlib gives the infinities all of the mass',
    applies: ({ convention }) => convention === 'posinf-share',
    ids: [
      'nnlib-flux/inf/1_2_3_Inf',
      'nnlib-flux/inf/1_-Inf_3_Inf',
      'nnlib-flux/inf/1_Inf_3_Inf',
      'nnlib-flux/inf/dims2',
      'nnlib-flux/inf/all_dims',
      'nnlib-flux/inf/logsoftmax_1_2_3_Inf',
      'nnlib-flux/inf/logsoftmax_1_Inf_3_Inf',
    ],
  },
  'convention invalid-label-nan': {
    reason: 'a class index out of range is a RangeError here; XLA makes its row NaN',
    applies: ({ convention }) => convention === 'invalid-label-nan',
    ids: ['tensorflow-xla/sparse_invalid_label_loss', 'tensorflow-xla/sparse_invalid_label_grad'],
  },
  'no mask': {
    reason: 'no mask option: a masked logit is written as -Infinity',
    applies: ({ params }) => params.mask !== undefined,
    ids: [
      'jax/softmax_where_mask',
      'jax/log_softmax_where_mask',
      'jax/softmax_where_grad',
      'jax/log_softmax_where_grad',
      'jax/logsumexp_zeros_b',
      'scipy/logsumexp/b_zero_as_mask',
    ],
  },
  'no sampleWeights': {
    reason: 'no weights of rows',
    applies: ({ params }) => params.sampleWeights !== undefined,
    ids: [
      'tfjs/softmaxCrossEntropy/weighted_sum_by_nonzero_weights',
      'tfjs/softmaxCrossEntropy/weighted_none',
      'tfjs/softmaxCrossEntropy/weighted_mean',
      'tfjs/softmaxCrossEntropy/label_smoothing_weighted_mean',
    ],
  },
  'no such reduction': {
    reason: 'reductions are mean, sum and none',
    applies: ({ params: { reduction = 'mean' } }) => !REDUCTIONS.includes(reduction),
    ids: ['tfjs/softmaxCrossEntropy/all_wrong', 'tfjs/softmaxCrossEntropy/all_right'],
  },
  'empty class axis': {
    reason: 'cols is a positive integer',
    applies: (of) => columns(of) === 0,
    ids: [
      'jax-js/softmax_empty',
      'jax/softmax_empty_array',
      'jax/log_softmax_empty_array',
      'onnx-node/test_reduce_log_sum_exp_empty_set',
      'scipy/logsumexp/zero_size',
    ],
  },
};

export const ERRORS_NOT_RUN: Record<string, Listed<ErrorCase>> = {
  'no axis': {
    reason: 'no function takes an axis that it could refuse: the class axis is the last by layout',
    applies: ({ shape, axis }) => axis >= 0 && axis !== shape.length - 1,
    ids: ['tfjs/softmax/2D_dim0_throws', 'tfjs/logSoftmax/2D_axis0_throws'],
  },
};

/** The name of the reason that applies to a case. */
export function reasonOf<C>(table: Record<string, Listed<C>>, of: C): string | undefined {
  return Object.keys(table).find((name) => table[name].applies(of));
}

/** Conventions that the tests know: one that appears anew must be judged first. */
export const CONVENTIONS = [...AGREED, 'all-masked-zero', 'invalid-label-nan', 'posinf-share'];
