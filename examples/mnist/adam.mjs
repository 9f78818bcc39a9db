/** Adam (Kingma and Ba, arXiv:1412.6980, algorithm 1) for one array of weights. */
export class Adam {
  /** @param {number} length */
  constructor(length) {
    this.mean = new Float32Array(length);
    this.square = new Float32Array(length);
    this.steps = 0;
  }

  /**
   * One step of `weights` along `gradient`.
   *
   * @param {Float32Array} weights
   * @param {Float32Array} gradient
   * @param {number} rate
   */
  step(weights, gradient, rate) {
    const { mean, square } = this;
    const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
    this.steps++;
    const unbiased = (rate * Math.sqrt(1 - beta2 ** this.steps)) / (1 - beta1 ** this.steps);
    for (let i = 0; i < weights.length; i++) {
      const g = gradient[i];
      mean[i] += (1 - beta1) * (g - mean[i]);
      square[i] += (1 - beta2) * (g * g - square[i]);
      weights[i] -= (unbiased * mean[i]) / (Math.sqrt(square[i]) + epsilon);
    }
  }
}
