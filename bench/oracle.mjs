/**
 * The operations in float64 with compensated sums: what answers are compared with before they are timed, and what accuracy
 * is measured against. The logarithm of a sum comes from the sum without its largest term.
 */

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
 * What `of` makes of each row of `x`, in one array of `width` elements a row.
 *
 * @param {Float32Array | Float64Array} x
 * @param {number} cols
 * @param {number} width
 * @param {(row: any, y: Float64Array, r: number) => void} of
 */
function eachRow(x, cols, width, of) {
  const rows = x.length / cols;
  const y = new Float64Array(rows * width);
  for (let r = 0; r < rows; r++) of(x.subarray(r * cols, (r + 1) * cols), y.subarray(r * width, (r + 1) * width), r);
  return y;
}

/** e^(x − max), their sum without the largest, which is 1, and log Σ of all. @param {Float32Array} x */
function parts(x) {
  const top = x.reduce((best, v, i) => (v > x[best] ? i : best), 0);
  const terms = Float64Array.from(x, (v) => Math.exp(v - x[top]));
  const rest = sum(terms, top);
  return { max: x[top], terms, rest, log: Math.log1p(rest) };
}

/** @param {Float32Array} logits @param {number} cols */
export function softmax(logits, cols) {
  return eachRow(logits, cols, cols, (x, y) => {
    const { terms, rest } = parts(x);
    for (let i = 0; i < cols; i++) y[i] = terms[i] / (1 + rest);
  });
}

/** @param {Float32Array} logits @param {number} cols */
export function logSoftmax(logits, cols) {
  return eachRow(logits, cols, cols, (x, y) => {
    const { max, log } = parts(x);
    for (let i = 0; i < cols; i++) y[i] = x[i] - max - log;
  });
}

/** @param {Float32Array} logits @param {number} cols */
export function logSumExp(logits, cols) {
  return eachRow(logits, cols, 1, (x, y) => {
    const { max, log } = parts(x);
    y[0] = max + log;
  });
}

/** a (u − ⟨a, u⟩) @param {Float32Array | Float64Array} probs @param {Float32Array} tangent @param {number} cols */
export function softmaxJvp(probs, tangent, cols) {
  return eachRow(probs, cols, cols, (a, y, r) => {
    const u = tangent.subarray(r * cols, (r + 1) * cols);
    const dot = sum(Float64Array.from(a, (v, i) => v * u[i]));
    for (let i = 0; i < cols; i++) y[i] = a[i] * (u[i] - dot);
  });
}

/** @param {Float32Array} probs @param {number} cols */
export function softmaxJacobian(probs, cols) {
  return eachRow(probs, cols, cols * cols, (a, y) => {
    for (let i = 0, k = 0; i < cols; i++) {
      for (let j = 0; j < cols; j++) y[k++] = a[i] * ((i === j ? 1 : 0) - a[j]);
    }
  });
}

/**
 * The mean loss, and its gradient.
 *
 * @param {Float32Array} logits
 * @param {ArrayLike<number>} targets probabilities
 * @param {number} cols
 */
export function crossEntropy(logits, targets, cols) {
  const rows = logits.length / cols;
  const losses = new Float64Array(rows);
  const dlogits = eachRow(logits, cols, cols, (x, y, r) => {
    const { max, terms, rest, log } = parts(x);
    const t = Float64Array.from(x, (_, i) => targets[r * cols + i]);
    const total = sum(t);
    losses[r] = -sum(t.map((v, i) => (v === 0 ? 0 : v * (x[i] - max - log))));
    for (let i = 0; i < cols; i++) y[i] = ((total * terms[i]) / (1 + rest) - t[i]) / rows;
  });
  return [Float64Array.of(sum(losses) / rows), dlogits];
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
