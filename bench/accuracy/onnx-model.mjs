/**
 * A model of one node, `y = op(x)` over the last axis of f32[rows, cols], both free: the protobuf of onnx.proto written
 * field by field (ModelProto, GraphProto, NodeProto, ValueInfoProto), because a package for 120 bytes is too much.
 *
 * @param {'Softmax' | 'LogSoftmax'} op   opset 13, whose default axis is the last
 * @returns {Uint8Array}
 */
export function modelOf(op) {
  const dimension = (/** @type {string} */ name) => message(1, message(2, name));
  const shape = [...dimension('rows'), ...dimension('cols')];
  const tensor = [...integer(1, 1), ...message(2, shape)];
  const value = (/** @type {string} */ name) => [...message(1, name), ...message(2, message(1, tensor))];
  const node = [...message(1, 'x'), ...message(2, 'y'), ...message(4, op)];
  const graph = [...message(1, node), ...message(2, op), ...message(11, value('x')), ...message(12, value('y'))];
  const opset = [...message(1, ''), ...integer(2, 13)];
  return Uint8Array.from([...integer(1, 8), ...message(7, graph), ...message(8, opset)]);
}

/** A field of wire type 0: a number. @param {number} field @param {number} value */
function integer(field, value) {
  return [...varint(field * 8), ...varint(value)];
}

/** A field of wire type 2: text, or a message's bytes. @param {number} field @param {string | number[]} content */
function message(field, content) {
  const bytes = typeof content === 'string' ? [...Buffer.from(content)] : content;
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
}

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}
