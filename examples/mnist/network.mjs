import { Adam } from './adam.mjs';
import { mulberry32 } from './random.mjs';

/** @typedef {import('./data.mjs').Ink} Ink */

/** One hidden layer: logits = max(x V + c, 0) W + b, trained with Adam. */
export class Network {
  /**
   * @param {number} features
   * @param {number} hidden   units of the hidden layer
   * @param {number} classes
   */
  constructor(features, hidden, classes) {
    this.features = features;
    this.hidden = hidden;
    this.classes = classes;
    /** V: f32[features + 1, hidden]; the last row is the bias c. */
    this.lower = new Float32Array((features + 1) * hidden);
    /** W: f32[hidden + 1, classes]; the last row is the bias b. */
    this.weights = new Float32Array((hidden + 1) * classes);
    const random = mulberry32(hidden);
    scatter(this.lower.subarray(0, features * hidden), features, random);
    scatter(this.weights.subarray(0, hidden * classes), hidden, random);
    this.lowerGradient = new Float32Array(this.lower.length);
    this.gradient = new Float32Array(this.weights.length);
    this.lowerAdam = new Adam(this.lower.length);
    this.adam = new Adam(this.weights.length);
    /** f32[rows, hidden] of the last forward pass. */
    this.active = new Float32Array(0);
  }

  /**
   * logits[i] = max(x[rows[i]] V + c, 0) W + b.
   *
   * @param {Ink} ink
   * @param {Uint32Array} rows     which images
   * @param {Float32Array} logits  f32[rows.length, classes], written
   */
  forward({ start, index, value }, rows, logits) {
    const { lower, weights, hidden, classes, features } = this;
    if (this.active.length < rows.length * hidden) this.active = new Float32Array(rows.length * hidden);
    const { active } = this;
    for (let i = 0; i < rows.length; i++) {
      const h = i * hidden;
      const out = i * classes;
      for (let u = 0; u < hidden; u++) active[h + u] = lower[features * hidden + u];
      for (let k = start[rows[i]]; k < start[rows[i] + 1]; k++) {
        const x = value[k];
        const w = index[k] * hidden;
        for (let u = 0; u < hidden; u++) active[h + u] += x * lower[w + u];
      }
      for (let c = 0; c < classes; c++) logits[out + c] = weights[hidden * classes + c];
      for (let u = 0; u < hidden; u++) {
        const y = Math.max(active[h + u], 0);
        active[h + u] = y;
        for (let c = 0; c < classes; c++) logits[out + c] += y * weights[u * classes + c];
      }
    }
  }

  /**
   * Both gradients, after `forward` of the same rows.
   *
   * @param {Ink} ink
   * @param {Uint32Array} rows      which images
   * @param {Float32Array} dlogits  f32[rows.length, classes]
   */
  backward({ start, index, value }, rows, dlogits) {
    const { active, weights, gradient, lowerGradient, hidden, classes, features } = this;
    const dhidden = new Float32Array(hidden);
    gradient.fill(0);
    lowerGradient.fill(0);
    for (let i = 0; i < rows.length; i++) {
      const h = i * hidden;
      const d = i * classes;
      for (let c = 0; c < classes; c++) gradient[hidden * classes + c] += dlogits[d + c];
      for (let u = 0; u < hidden; u++) {
        const y = active[h + u];
        let sum = 0;
        for (let c = 0; c < classes; c++) {
          gradient[u * classes + c] += y * dlogits[d + c];
          sum += weights[u * classes + c] * dlogits[d + c];
        }
        dhidden[u] = y > 0 ? sum : 0;
        lowerGradient[features * hidden + u] += dhidden[u];
      }
      for (let k = start[rows[i]]; k < start[rows[i] + 1]; k++) {
        const x = value[k];
        const w = index[k] * hidden;
        for (let u = 0; u < hidden; u++) lowerGradient[w + u] += x * dhidden[u];
      }
    }
  }

  /** @param {number} rate */
  step(rate) {
    this.lowerAdam.step(this.lower, this.lowerGradient, rate);
    this.adam.step(this.weights, this.gradient, rate);
  }
}

/**
 * Uniform with variance 2 / inputs, which keeps the size of what passes through a layer of max(·, 0)
 * (He et al., arXiv:1502.01852, section 2.2).
 *
 * @param {Float32Array} weights
 * @param {number} inputs
 * @param {() => number} random  in [0, 1)
 */
function scatter(weights, inputs, random) {
  const bound = Math.sqrt(6 / inputs);
  for (let i = 0; i < weights.length; i++) weights[i] = bound * (2 * random() - 1);
}
