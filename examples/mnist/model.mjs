import { Adam } from './adam.mjs';

/** @typedef {import('./data.mjs').Ink} Ink */

/** Multinomial logistic regression: logits = x W + b, trained with Adam. */
export class Model {
  /**
   * @param {number} features
   * @param {number} classes
   */
  constructor(features, classes) {
    this.features = features;
    this.classes = classes;
    /** f32[features + 1, classes]; the last row is the bias. */
    this.weights = new Float32Array((features + 1) * classes);
    this.gradient = new Float32Array(this.weights.length);
    this.adam = new Adam(this.weights.length);
  }

  /**
   * logits[i] = x[rows[i]] W + b.
   *
   * @param {Ink} ink
   * @param {Uint32Array} rows     which images
   * @param {Float32Array} logits  f32[rows.length, classes], written
   */
  forward({ start, index, value }, rows, logits) {
    const { weights, classes } = this;
    const bias = this.features * classes;
    for (let i = 0; i < rows.length; i++) {
      const out = i * classes;
      for (let c = 0; c < classes; c++) logits[out + c] = weights[bias + c];
      for (let k = start[rows[i]]; k < start[rows[i] + 1]; k++) {
        const x = value[k];
        const w = index[k] * classes;
        for (let c = 0; c < classes; c++) logits[out + c] += x * weights[w + c];
      }
    }
  }

  /**
   * gradient = xᵀ dlogits for the weights, the sum of dlogits for the bias.
   *
   * @param {Ink} ink
   * @param {Uint32Array} rows      which images
   * @param {Float32Array} dlogits  f32[rows.length, classes]
   */
  backward({ start, index, value }, rows, dlogits) {
    const { gradient, classes } = this;
    const bias = this.features * classes;
    gradient.fill(0);
    for (let i = 0; i < rows.length; i++) {
      const d = i * classes;
      for (let c = 0; c < classes; c++) gradient[bias + c] += dlogits[d + c];
      for (let k = start[rows[i]]; k < start[rows[i] + 1]; k++) {
        const x = value[k];
        const w = index[k] * classes;
        for (let c = 0; c < classes; c++) gradient[w + c] += x * dlogits[d + c];
      }
    }
  }

  /** @param {number} rate */
  step(rate) {
    this.adam.step(this.weights, this.gradient, rate);
  }
}
