import { writeFileSync } from 'node:fs';

/**
 * Writes an array as NumPy's .npy, version 1.0 (numpy.lib.format describes it).
 *
 * @param {string} path
 * @param {Float32Array | Int32Array} values  row-major
 * @param {number[]} shape
 */
export function writeNpy(path, values, shape) {
  const descr = values instanceof Float32Array ? '<f4' : '<i4';
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${axes}), }`;
  // The data begin at a multiple of 64 bytes: 10 bytes before the text, a line feed at its end.
  const textBytes = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const start = Buffer.from('\x93NUMPY\x01\x00\0\0', 'latin1');
  start.writeUInt16LE(textBytes, 8);
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  writeFileSync(path, Buffer.concat([start, Buffer.from(`${text.padEnd(textBytes - 1)}\n`), data]));
}
