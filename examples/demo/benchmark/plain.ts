import { type Input, type Op, SAMPLING } from './shapes.js';

/** What people write: a loop with Math.exp; for a token, a sort of the row. */
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
  sample({ logits, uniforms, rows, cols }, out) {
    for (let r = 0; r < rows; r++) out[r] = tokenOf(logits.subarray(r * cols, (r + 1) * cols), uniforms[r]!);
  },
};

/** The largest are sorted out, those that topP leaves are put back in order, and u is looked up in their sums. */
function tokenOf(row: Float32Array, u: number): number {
  const sorted = Array.from(row, (logit, token) => ({ logit, token })).sort((a, b) => b.logit - a.logit);
  const largest = sorted[0]!.logit;
  const top = sorted.slice(0, SAMPLING.topK).map(({ logit, token }) => ({ token, e: Math.exp(logit - largest) }));
  const goal = SAMPLING.topP * top.reduce((sum, { e }) => sum + e, 0);
  let total = 0;
  const crossing = top.findIndex(({ e }) => (total += e) >= goal);
  const left = top.slice(0, crossing + 1).sort((a, b) => a.token - b.token);
  let sum = 0;
  return (left.find(({ e }) => (sum += e) > u * total) ?? left.at(-1)!).token;
}

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
