/** Softmax and log-softmax in float64 with compensated sums, and the distance of a float32 result to them. */

/** Neumaier's compensated sum of all but one element. @param {ArrayLike<number>} values @param {number} [skip] */
function sum(values, skip = -1) {
  let total = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    if (i === skip) continue;
    const v = values[i];
    const t = total + v;
    lost += Math.abs(total) >= Math.abs(v) ? total - t + v : v - t + total;
    total = t;
  }
  return total + lost;
}

/**
 * @param {'softmax' | 'logSoftmax'} op
 * @param {Float32Array} logits
 * @param {number} cols
 */
export function exact(op, logits, cols) {
  const results = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += cols) {
    const row = logits.subarray(start, start + cols);
    const top = row.reduce((best, x, i) => (x > row[best] ? i : best), 0);
    const terms = Float64Array.from(row, (x) => Math.exp(x - row[top]));
    const rest = sum(terms, top);
    const log = Math.log1p(rest);
    for (let i = 0; i < cols; i++) {
      results[start + i] = op === 'softmax' ? terms[i] / (1 + rest) : row[i] - row[top] - log;
    }
  }
  return results;
}

const bits = new DataView(new ArrayBuffer(8));

/** Spacing of float32 at v: 2^(e − 23) for 2^e ≤ |v| < 2^(e + 1), never below 2^-149. @param {number} v */
function spacing(v) {
  bits.setFloat64(0, v);
  const exponent = ((bits.getUint32(0) >>> 20) & 0x7ff) - 1023;
  return 2 ** (Math.max(exponent, -126) - 23);
}

/**
 * Max and mean distance in ULP (1 ULP: the spacing of float32 at the exact result; where that is below 2^-126, 0 is right
 * too), and how far the worst row's probabilities are from a sum of 1.
 *
 * @param {'softmax' | 'logSoftmax'} op
 * @param {Float32Array} got
 * @param {Float64Array} want
 * @param {number} cols
 */
export function compare(op, got, want, cols) {
  if (got.length !== want.length) throw new Error(`${got.length} results instead of ${want.length}`);
  let maxUlp = 0;
  let total = 0;
  for (let i = 0; i < want.length; i++) {
    const flushed = got[i] === 0 && Math.abs(want[i]) < 2 ** -126;
    const ulp = flushed ? 0 : Math.abs(got[i] - want[i]) / spacing(want[i]);
    if (!(ulp <= maxUlp)) maxUlp = ulp;
    total += ulp;
  }
  let rowSumError = 0;
  for (let start = 0; start < got.length; start += cols) {
    const row = got.subarray(start, start + cols);
    const probs = op === 'softmax' ? row : Float64Array.from(row, Math.exp);
    rowSumError = Math.max(rowSumError, Math.abs(sum(probs) - 1));
  }
  return { maxUlp, meanUlp: total / want.length, rowSumError };
}
