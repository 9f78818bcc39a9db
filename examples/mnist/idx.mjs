import { readFileSync } from 'node:fs';

// MNIST's file format: big-endian 32-bit numbers (a magic number that names the element type and the count of axes,
// then the length of each axis), then one byte per element.
const IMAGES_MAGIC = 0x00000803;
const LABELS_MAGIC = 0x00000801;

/**
 * Images as bytes, 0 (paper) to 255 (ink).
 *
 * @param {string} path
 * @returns {{ pixels: Uint8Array, count: number, height: number, width: number }} pixels: u8[count, height, width]
 */
export function readImages(path) {
  const { data, shape } = readIdx(path, IMAGES_MAGIC, 3);
  const [count, height, width] = shape;
  return { pixels: data, count, height, width };
}

/**
 * The digit that each image shows.
 *
 * @param {string} path
 * @returns {Int32Array} i32[count], each in [0, 10)
 */
export function readLabels(path) {
  const labels = Int32Array.from(readIdx(path, LABELS_MAGIC, 1).data);
  const bad = labels.findIndex((label) => label > 9);
  if (bad >= 0) throw new Error(`${path}: expected labels[${bad}] to be a digit, got ${labels[bad]}`);
  return labels;
}

/**
 * @param {string} path
 * @param {number} magic
 * @param {number} axes
 */
function readIdx(path, magic, axes) {
  const file = readFileSync(path);
  const headerBytes = 4 + 4 * axes;
  if (file.length < headerBytes)
    throw new Error(`${path}: expected a header of ${headerBytes} bytes, got ${file.length}`);
  const found = file.readUInt32BE(0);
  if (found !== magic) throw new Error(`${path}: expected magic number ${magic}, got ${found}`);
  const shape = Array.from({ length: axes }, (_, axis) => file.readUInt32BE(4 + 4 * axis));
  const expected = headerBytes + shape.reduce((product, length) => product * length, 1);
  if (file.length !== expected) {
    throw new Error(`${path}: expected ${expected} bytes for shape ${shape.join(' × ')}, got ${file.length}`);
  }
  return { data: new Uint8Array(file.subarray(headerBytes)), shape };
}
