/**
 * A model as onnx.proto has it (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto, ValueInfoProto), written field
 * by field: a hundred lines, where a package would bring a compiler of schemas.
 *
 * @typedef {object} Graph
 * @property {Node[]} nodes in the order in which they run
 * @property {Weights[]} [weights]
 * @property {Value[]} inputs
 * @property {Value[]} outputs
 *
 * @typedef {{ op: string, inputs: string[], outputs: string[], attributes?: { [name: string]: number | number[] } }} Node
 *   attributes are integers
 * @typedef {{ name: string, dims: number[], data: Float32Array }} Weights
 * @typedef {{ name: string, type: number, dims: (number | string)[] }} Value a dimension with a name is free
 */

/** TensorProto.DataType */
export const FLOAT = 1;
export const INT64 = 7;
export const FLOAT16 = 10;

const IR_VERSION = 8;
const OPSET = 13;
/** AttributeProto.AttributeType */
const INT = 2;
const INTS = 7;

/** @param {Graph} graph @returns {Uint8Array} the bytes of a .onnx file: operators of opset 13 */
export function modelOf({ nodes, weights = [], inputs, outputs }) {
  const graph = [
    ...nodes.map((node) => bytes(1, nodeOf(node))),
    bytes(2, 'graph'),
    ...weights.map((each) => bytes(5, tensorOf(each))),
    ...inputs.map((each) => bytes(11, valueOf(each))),
    ...outputs.map((each) => bytes(12, valueOf(each))),
  ];
  const opset = [bytes(1, ''), integer(2, OPSET)];
  return joined([integer(1, IR_VERSION), bytes(7, joined(graph)), bytes(8, joined(opset))]);
}

/** @param {Node} node */
function nodeOf({ op, inputs, outputs, attributes = {} }) {
  return joined([
    ...inputs.map((name) => bytes(1, name)),
    ...outputs.map((name) => bytes(2, name)),
    bytes(4, op),
    ...Object.entries(attributes).map(([name, value]) => bytes(5, attributeOf(name, value))),
  ]);
}

/** @param {string} name @param {number | number[]} value */
function attributeOf(name, value) {
  const fields = Array.isArray(value)
    ? [...value.map((each) => integer(8, each)), integer(20, INTS)]
    : [integer(3, value), integer(20, INT)];
  return joined([bytes(1, name), ...fields]);
}

/** Its numbers are as this machine has them, which is the little endian that onnx.proto asks for. @param {Weights} weights */
function tensorOf({ name, dims, data }) {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return joined([...dims.map((dim) => integer(1, dim)), integer(2, FLOAT), bytes(8, name), bytes(9, raw)]);
}

/** @param {Value} value */
function valueOf({ name, type, dims }) {
  const shape = dims.map((dim) => bytes(1, typeof dim === 'string' ? bytes(2, dim) : integer(1, dim)));
  const tensor = joined([integer(1, type), bytes(2, joined(shape))]);
  return joined([bytes(1, name), bytes(2, bytes(1, tensor))]);
}

/** A field of wire type 0: a number. @param {number} field @param {number} value */
function integer(field, value) {
  return Uint8Array.from([...varint(field * 8), ...varint(value)]);
}

/** A field of wire type 2: text, or a message's bytes. @param {number} field @param {string | Uint8Array} content */
function bytes(field, content) {
  const body = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return joined([Uint8Array.from([...varint(field * 8 + 2), ...varint(body.length)]), body]);
}

/** @param {number} value */
function varint(value) {
  const groups = [];
  for (; value >= 128; value = Math.floor(value / 128)) groups.push((value % 128) + 128);
  return [...groups, value];
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
