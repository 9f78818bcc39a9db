import data from './model.json' with { type: 'json' };
import { SIDE } from './rasterise.js';

export const CLASSES = 10;
const FEATURES = SIDE * SIDE;
const HIDDEN = data.hidden;

export interface Sample {
  /** Its place among MNIST's test digits. */
  index: number;
  label: number;
  /** f32[28 · 28], 0 to 1 */
  pixels: Float32Array;
}

/** f32[785, hidden] and f32[hidden + 1, 10], the last row of each the bias; 8-bit multiples of a scale. */
const [lower, upper] = data.layers.map(({ scale, weights }) =>
  Float32Array.from(new Int8Array(bytes(weights).buffer), (w) => w * scale),
) as [Float32Array, Float32Array];

/** What examples/mnist measured on MNIST's test digits with these weights. */
export const { accuracy, testDigits } = data;

/** The first test digit of each class. */
export const first = data.first.map(sample);
/** The ten test digits of the greatest loss, greatest first. */
export const hardest = data.hardest.map(sample);

/**
 * logits = max(x V + c, 0) W + b.
 *
 * @param pixels f32[28 · 28], 0 to 1
 */
export function logitsOf(pixels: Float32Array): Float32Array {
  const active = lower.slice(FEATURES * HIDDEN);
  pixels.forEach((x, k) => {
    if (x === 0) return;
    for (let u = 0; u < HIDDEN; u++) active[u]! += x * lower[k * HIDDEN + u]!;
  });
  const logits = upper.slice(HIDDEN * CLASSES);
  active.forEach((x, u) => {
    if (x <= 0) return;
    for (let c = 0; c < CLASSES; c++) logits[c]! += x * upper[u * CLASSES + c]!;
  });
  return logits;
}

function sample({ index, label, pixels }: { index: number; label: number; pixels: string }): Sample {
  return { index, label, pixels: Float32Array.from(bytes(pixels), (p) => p / 255) };
}

function bytes(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}
