import { crossEntropyWithGrad, logSumExp, softmax, softmaxJacobian } from 'softmax-simd';
import type { State } from './state.js';

/** What the library makes of a state; indices from 0. */
export interface Derived {
  cols: number;
  /** f32[cols], −∞ where masked */
  logits: Float32Array;
  probs: Float32Array;
  /** f32[cols, cols]: with respect to z / T */
  jacobian: Float32Array;
  /** log Σ e^(z / T) */
  lse: number;
  loss: number;
  /** f32[cols]: with respect to z */
  dlogits: Float32Array;
}

export function derive({ logits: sliders, masked, target, temperature }: State): Derived {
  const cols = sliders.length;
  const logits = Float32Array.from(sliders, (z, i) => (masked[i] ? -Infinity : z));
  const probs = softmax(logits, cols, { temperature });
  const jacobian = softmaxJacobian(probs, cols);
  const lse = logSumExp(logits, cols, { temperature })[0]!;
  const { loss, dlogits } = crossEntropyWithGrad(logits, Int32Array.of(target), cols, { temperature });
  return { cols, logits, probs, jacobian, lse, loss, dlogits };
}
