/**
 * A model of one node, `y = op(x)` over the last axis of f32[rows, cols], both free: the protobuf of onnx.proto written
 * field by field (ModelProto, GraphProto, NodeProto, AttributeProto, ValueInfoProto), because a package for 120 bytes is
 * too much.
 *
 * @param {'Softmax' | 'LogSoftmax' | 'ReduceLogSumExp'} op   opset 13; its Softmax takes the last axis
 * @returns {Uint8Array}
 */
export function modelOf(op) {
  const reduces = op === 'ReduceLogSumExp';
  const node = [...message(1, 'x'), ...message(2, 'y'), ...message(4, op)];
  if (reduces) node.push(...message(5, LAST_AXIS), ...message(5, KEEP_NONE));
  const outputs = reduces ? ['rows'] : ['rows', 'cols'];
  const graph = [
    ...message(1, node),
    ...message(2, op),
    ...message(11, value('x', ['rows', 'cols'])),
    ...message(12, value('y', outputs)),
  ];
  const opset = [...message(1, ''), ...integer(2, 13)];
  return Uint8Array.from([...integer(1, 8), ...message(7, graph), ...message(8, opset)]);
}

/** axes = [1], of type INTS; keepdims = 0, of type INT. */
const LAST_AXIS = [...message(1, 'axes'), ...integer(8, 1), ...integer(20, 7)];
const KEEP_NONE = [...message(1, 'keepdims'), ...integer(3, 0), ...integer(20, 2)];

/** A float32 tensor with named dimensions. @param {string} name @param {string[]} dimensions */
function value(name, dimensions) {
  const shape = dimensions.flatMap((dimension) => message(1, message(2, dimension)));
  return [...message(1, name), ...message(2, message(1, [...integer(1, 1), ...message(2, shape)]))];
}

/** A field of wire type 0: a number. @param {number} field @param {number} value */
function integer(field, value) {
  return [...varint(field * 8), ...varint(value)];
}

/** A field of wire type 2: ASCII text, or a message's bytes. @param {number} field @param {string | number[]} content */
function message(field, content) {
  const bytes = typeof content === 'string' ? Array.from(content, (c) => c.charCodeAt(0)) : content;
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
}

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}
