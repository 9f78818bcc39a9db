import { plain } from './plain.js';
import type { Input, Op } from './shapes.js';

/** Results below the smallest normal float may count as 0. */
const SMALLEST = 2 ** -126;

/** The results in float64 arithmetic: probabilities, or their difference to the label's 1 without cancellation; or tokens. */
export function exact(op: Op, input: Input): Float64Array {
  const { logits, labels, rows, cols } = input;
  if (op === 'sample') {
    const tokens = new Float32Array(rows);
    plain.sample(input, tokens);
    return Float64Array.from(tokens);
  }
  const out = new Float64Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    const row = Float64Array.from(logits.subarray(r * cols, (r + 1) * cols));
    const max = row.reduce((most, x) => Math.max(most, x), -Infinity);
    const terms = row.map((x) => Math.exp(x - max));
    const sum = terms.reduce((total, e) => total + e, 0);
    out.set(
      terms.map((e) => e / sum),
      r * cols,
    );
    if (op === 'softmax') continue;
    const label = labels[r]!;
    const rest = terms.reduce((total, e, i) => (i === label ? total : total + e), 0);
    out[r * cols + label] = -rest / sum;
  }
  return out;
}

/** The largest error in units of the spacing of float32 at the exact result; a NaN counts as infinite. */
export function largestUlps(got: Float32Array | Int32Array, wanted: Float64Array): number {
  let most = 0;
  wanted.forEach((exactly, i) => {
    const size = Math.abs(exactly);
    if (size < SMALLEST && got[i] === 0) return;
    const spacing = 2 ** (Math.max(Math.floor(Math.log2(size)), -126) - 23);
    const error = Math.abs(got[i]! - exactly) / spacing;
    most = error <= most ? most : Number.isNaN(error) ? Infinity : error;
  });
  return most;
}
