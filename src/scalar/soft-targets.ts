/**
 * The targets of one call when each row has more than one: τ_j = w_j ((1 − ε) t_j + ε / cols), t being the probabilities
 * or the class index as one-hot. One object a call.
 */
export class SoftTargets {
  /** Στ of the row last read. */
  sum = 0;

  readonly #probabilities: Float32Array | null;
  readonly #weights: Float32Array | null;
  readonly #cols: number;
  readonly #keep: number;
  readonly #spread: number;

  constructor(
    probabilities: Float32Array | null,
    weights: Float32Array | null,
    cols: number,
    keep: number,
    spread: number,
  ) {
    this.#probabilities = probabilities;
    this.#weights = weights;
    this.#cols = cols;
    this.#keep = keep;
    this.#spread = spread;
  }

  #at(j: number, start: number, label: number): number {
    const t = this.#probabilities === null ? (j === label ? 1 : 0) : this.#probabilities[start + j];
    const smoothed = this.#keep * t + this.#spread;
    return this.#weights === null ? smoothed : this.#weights[j] * smoothed;
  }

  /** Σ τ_j (m − x_j), a term being 0 where τ_j is; sets `sum`. */
  read(x: Float32Array, start: number, label: number, m: number): number {
    let dot = 0;
    let sum = 0;
    for (let j = 0; j < this.#cols; j++) {
      const tau = this.#at(j, start, label);
      if (tau !== 0) dot += tau * (m - x[start + j]);
      sum += tau;
    }
    this.sum = sum;
    return dot;
  }

  /** y = (y · factor − τ) · scale, y holding the row's exponentials. */
  gradient(y: Float32Array, start: number, label: number, scale: number, factor: number): void {
    for (let j = 0; j < this.#cols; j++) {
      y[start + j] = (y[start + j] * factor - this.#at(j, start, label)) * scale;
    }
  }
}
