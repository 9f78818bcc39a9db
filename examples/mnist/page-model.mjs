import { writeFileSync } from 'node:fs';
import { Network } from './network.mjs';
import { CLASSES, evaluate, Stopwatch } from './train.mjs';

/**
 * @typedef {import('softmax-simd').Engine} Engine
 * @typedef {import('./data.mjs').Digits} Digits
 */

/** How many of the test digits that cost the most are shown on the page. */
const HARDEST = 10;

/**
 * Writes a network with 8-bit weights as JSON for the demo page, and the digits that the page shows: the first test digit
 * of each class, and the ten of the greatest loss.
 *
 * @param {string} path
 * @param {Engine} engine
 * @param {Network} network
 * @param {Digits} test
 * @returns accuracy and loss on `test` of what was written
 */
export function writePageModel(path, engine, network, test) {
  const layers = [quantised(network.lower), quantised(network.weights)];
  const small = new Network(network.features, network.hidden, network.classes);
  layers.forEach(({ bytes, scale }, k) => [small.lower, small.weights][k].set(Array.from(bytes, (b) => b * scale)));
  const { logits, accuracy, loss } = evaluate(engine, small, test, new Stopwatch());
  const losses = engine.crossEntropy(logits, test.labels, CLASSES, { reduction: 'none' });
  const first = Array.from({ length: CLASSES }, (_, digit) => test.labels.indexOf(digit));
  const hardest = Array.from(losses.keys())
    .sort((a, b) => losses[b] - losses[a])
    .slice(0, HARDEST);
  const model = {
    accuracy,
    loss,
    testDigits: test.count,
    hidden: network.hidden,
    layers: layers.map(({ bytes, scale }) => ({ scale, weights: base64(new Uint8Array(bytes.buffer)) })),
    first: first.map((r) => pageDigit(test, r)),
    hardest: hardest.map((r) => pageDigit(test, r)),
  };
  writeFileSync(path, `${JSON.stringify(model, null, 2)}\n`);
  return { accuracy, loss };
}

/**
 * The nearest multiples of `scale`, the largest weight being 127 of them.
 *
 * @param {Float32Array} weights
 */
function quantised(weights) {
  const scale = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0) / 127;
  return { bytes: Int8Array.from(weights, (w) => Math.round(w / scale)), scale };
}

/**
 * @param {Digits} digits
 * @param {number} r
 */
function pageDigit({ labels, pixels, features }, r) {
  return { index: r, label: labels[r], pixels: base64(pixels.subarray(r * features, (r + 1) * features)) };
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  return Buffer.from(bytes).toString('base64');
}
