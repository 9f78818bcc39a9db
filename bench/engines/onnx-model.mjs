import { FLOAT, INT64, modelOf as encode } from '../../examples/transformers/onnx.mjs';

/**
 * A model of one node, `y = op(x)` over the last axis of f32[rows, cols], both free.
 *
 * @param {'Softmax' | 'LogSoftmax' | 'ReduceLogSumExp'} op
 * @returns {Uint8Array}
 */
export function modelOf(op) {
  const reduces = op === 'ReduceLogSumExp';
  const attributes = reduces ? { axes: [1], keepdims: 0 } : {};
  return encode({
    nodes: [{ op, inputs: ['x'], outputs: ['y'], attributes }],
    inputs: [{ name: 'x', type: FLOAT, dims: ['rows', 'cols'] }],
    outputs: [{ name: 'y', type: FLOAT, dims: reduces ? ['rows'] : ['rows', 'cols'] }],
  });
}

/** The k largest of each row, largest first: `values` and `indices` of x and `k`. */
export function topKModel() {
  return encode({
    nodes: [{ op: 'TopK', inputs: ['x', 'k'], outputs: ['values', 'indices'] }],
    inputs: [
      { name: 'x', type: FLOAT, dims: ['rows', 'cols'] },
      { name: 'k', type: INT64, dims: [1] },
    ],
    outputs: [
      { name: 'values', type: FLOAT, dims: ['rows', 'k'] },
      { name: 'indices', type: INT64, dims: ['rows', 'k'] },
    ],
  });
}
