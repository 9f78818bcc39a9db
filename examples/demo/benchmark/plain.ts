import type { Input, Op } from './shapes.js';

/** What people write: a loop with Math.exp. */
export const plain: Record<Op, (input: Input, out: Float32Array) => void> = {
  softmax({ logits, rows, cols }, out) {
    for (let r = 0; r < rows; r++) plainRow(logits, out, r * cols, cols);
  },
  crossEntropyWithGrad({ logits, labels, rows, cols }, out) {
    let loss = 0;
    for (let r = 0; r < rows; r++) {
      plainRow(logits, out, r * cols, cols);
      const label = r * cols + labels[r]!;
      loss -= Math.log(out[label]!);
      out[label]! -= 1;
    }
    return loss;
  },
};

function plainRow(logits: Float32Array, out: Float32Array, start: number, cols: number): void {
  const end = start + cols;
  let max = -Infinity;
  for (let i = start; i < end; i++) if (logits[i]! > max) max = logits[i]!;
  let sum = 0;
  for (let i = start; i < end; i++) {
    const e = Math.exp(logits[i]! - max);
    out[i] = e;
    sum += e;
  }
  const scale = 1 / sum;
  for (let i = start; i < end; i++) out[i]! *= scale;
}
