/**
 * Float64 oracles of every op, written from the formulas and sharing nothing with src/: slow, plain, one row at a time.
 *
 * Sums are compensated, logarithms of a sum come from the sum without its largest term (log1p), and gradients at a
 * label from the sum without the label, so that tiny results keep their digits. Each oracle answers with
 *
 *   values      the exact result
 *   flushed     the result when terms e^(x − max) below 2^-126 count as 0, which the contract allows; what lies
 *               between the two is right too
 *   magnitudes  the sum of the absolute values of the terms in the formula, where the bound is in ULP of that
 */
export type Numbers = ArrayLike<number>;

export interface Exact {
  values: Float64Array;
  flushed: Float64Array;
  magnitudes?: Float64Array;
}

export interface CrossEntropyOptions {
  reduction?: 'mean' | 'sum' | 'none';
  ignoreIndex?: number;
  labelSmoothing?: number;
  classWeights?: Numbers;
  zLoss?: number;
  scale?: number;
  temperature?: number;
  divisor?: number;
}

export interface ExactCrossEntropy {
  losses: Exact;
  lse: Exact;
  /** With the scale and divisor of the reduction in it. */
  dlogits: Exact;
  /** One element: the loss of the reduction (the sum for 'none'). */
  loss: Exact;
  divisor: number;
}

const SMALLEST_NORMAL = 2 ** -126;

/** Neumaier's compensated sum of all but one element; infinite or NaN as the plain sum is. */
export function sum(values: Numbers, skip = -1): number {
  let total = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    if (i === skip) continue;
    const v = values[i];
    const t = total + v;
    lost += Math.abs(total) >= Math.abs(v) ? total - t + v : v - t + total;
    total = t;
  }
  return Number.isFinite(total) ? total + lost : total;
}

function flushTerm(term: number, flush: boolean): number {
  return flush && Math.abs(term) < SMALLEST_NORMAL ? 0 : term;
}

/** What every op of a row of logits starts from. */
interface Row {
  cols: number;
  temperature: number;
  /** Index of the first largest logit. */
  top: number;
  /** Largest logit, not divided by the temperature. */
  max: number;
  /** e^((x − max) / T) */
  terms: Float64Array;
  total: number;
  /** log Σ terms */
  logTotal: number;
}

function readRow(logits: Numbers, r: number, cols: number, temperature: number, flush: boolean): Row {
  let top = 0;
  for (let c = 1; c < cols; c++) if (logits[r * cols + c] > logits[r * cols + top]) top = c;
  const max = logits[r * cols + top];
  const terms = new Float64Array(cols);
  for (let c = 0; c < cols; c++) terms[c] = flushTerm(Math.exp((logits[r * cols + c] - max) / temperature), flush);
  const rest = sum(terms, top);
  return { cols, temperature, top, max, terms, total: rest + terms[top], logTotal: Math.log1p(rest) };
}

function rowsOf(logits: Numbers, cols: number, temperature: number, flush: boolean): Row[] {
  return Array.from({ length: logits.length / cols }, (_, r) => readRow(logits, r, cols, temperature, flush));
}

/** Σ / e^max over all terms but one. */
function others(row: Row, skip: number): number {
  return sum(row.terms, skip) / row.total;
}

function both(f: (flush: boolean) => Float64Array, magnitudes?: Float64Array): Exact {
  const values = f(false);
  const flushed = f(true);
  return magnitudes ? { values, flushed, magnitudes } : { values, flushed };
}

export function softmax(logits: Numbers, cols: number, temperature = 1): Exact {
  return both((flush) => {
    const y = new Float64Array(logits.length);
    rowsOf(logits, cols, temperature, flush).forEach(({ terms, total }, r) => {
      for (let c = 0; c < cols; c++) y[r * cols + c] = terms[c] / total;
    });
    return y;
  });
}

export function logSoftmax(logits: Numbers, cols: number, temperature = 1): Exact {
  return both((flush) => {
    const y = new Float64Array(logits.length);
    rowsOf(logits, cols, temperature, flush).forEach(({ max, logTotal }, r) => {
      for (let c = 0; c < cols; c++) y[r * cols + c] = (logits[r * cols + c] - max) / temperature - logTotal;
    });
    return y;
  });
}

/** Magnitudes: max(|lse|, |row max|), both of logits / temperature. */
export function logSumExp(logits: Numbers, cols: number, temperature = 1): Exact {
  const lse = (flush: boolean) =>
    Float64Array.from(rowsOf(logits, cols, temperature, flush), ({ max, logTotal }) => max / temperature + logTotal);
  const values = lse(false);
  const magnitudes = values.map((v, r) => {
    const row = Array.from({ length: cols }, (_, c) => logits[r * cols + c] / temperature);
    return Math.max(Math.abs(v), Math.abs(row.reduce((a, b) => Math.max(a, b))));
  });
  return { values, flushed: lse(true), magnitudes };
}

/** −Σ a log a. Magnitudes: Σ |a log a| and its largest term once more. */
export function entropy(logits: Numbers, cols: number, temperature = 1): Exact {
  const terms = (flush: boolean) =>
    rowsOf(logits, cols, temperature, flush).map((row, r) =>
      row.terms.map((e, c) =>
        e === 0 ? 0 : (e / row.total) * ((row.max - logits[r * cols + c]) / temperature + row.logTotal),
      ),
    );
  const values = terms(false);
  const sums = (rows: Float64Array[]) => Float64Array.from(rows, (row) => sum(row));
  return {
    values: sums(values),
    flushed: sums(terms(true)),
    magnitudes: Float64Array.from(values, (row) => sum(row) + row.reduce((a, b) => Math.max(a, b))),
  };
}

/** Σ a·u of a row and Σ |a·u|. */
function dot(a: Numbers, u: Numbers, start: number, cols: number): [number, number] {
  const products = Array.from({ length: cols }, (_, c) => a[start + c] * u[start + c]);
  return [sum(products), sum(products.map(Math.abs))];
}

/** a_i (u_i − ⟨a,u⟩); also the VJP. */
export function softmaxJvp(probs: Numbers, tangent: Numbers, cols: number): Exact {
  const magnitudes = new Float64Array(probs.length);
  const values = new Float64Array(probs.length);
  for (let start = 0; start < probs.length; start += cols) {
    const [au, absolute] = dot(probs, tangent, start, cols);
    for (let i = start; i < start + cols; i++) {
      values[i] = probs[i] * (tangent[i] - au);
      magnitudes[i] = Math.abs(probs[i]) * (Math.abs(tangent[i]) + absolute);
    }
  }
  return { values, flushed: values, magnitudes };
}

/** J_ij = a_i (δ_ij − a_j) */
export function softmaxJacobian(probs: Numbers, cols: number): Exact {
  const values = new Float64Array(probs.length * cols);
  const magnitudes = new Float64Array(probs.length * cols);
  for (let start = 0, at = 0; start < probs.length; start += cols) {
    for (let i = 0; i < cols; i++) {
      for (let j = 0; j < cols; j++, at++) {
        const a = probs[start + i];
        const b = probs[start + j];
        const delta = i === j ? 1 : 0;
        values[at] = a * (delta - b);
        magnitudes[at] = Math.abs(a) * delta + Math.abs(a * b);
      }
    }
  }
  return { values, flushed: values, magnitudes };
}

const exponentials = (logProbs: Numbers, flush: boolean): Float64Array =>
  Float64Array.from(logProbs, (l) => flushTerm(Math.exp(l), flush));

/** u_i − ⟨a,u⟩, a = exp(logProbs) */
export function logSoftmaxJvp(logProbs: Numbers, tangent: Numbers, cols: number): Exact {
  const magnitudes = new Float64Array(logProbs.length);
  return both((flush) => {
    const a = exponentials(logProbs, flush);
    const y = new Float64Array(a.length);
    for (let start = 0; start < a.length; start += cols) {
      const [au, absolute] = dot(a, tangent, start, cols);
      for (let i = start; i < start + cols; i++) {
        y[i] = tangent[i] - au;
        magnitudes[i] = Math.abs(tangent[i]) + absolute;
      }
    }
    return y;
  }, magnitudes);
}

/** g_i − a_i Σg, a = exp(logProbs) */
export function logSoftmaxVjp(logProbs: Numbers, cotangent: Numbers, cols: number): Exact {
  const magnitudes = new Float64Array(logProbs.length);
  return both((flush) => {
    const a = exponentials(logProbs, flush);
    const y = new Float64Array(a.length);
    for (let start = 0; start < a.length; start += cols) {
      const row = Array.from({ length: cols }, (_, c) => cotangent[start + c]);
      const total = sum(row);
      const absolute = sum(row.map(Math.abs));
      for (let i = start; i < start + cols; i++) {
        y[i] = cotangent[i] - a[i] * total;
        magnitudes[i] = Math.abs(cotangent[i]) + a[i] * absolute;
      }
    }
    return y;
  }, magnitudes);
}

/** The JVP with respect to logits: a_i (u_i − ⟨a,u⟩) / T with a = softmax(logits / T) before any rounding to f32. */
export function softmaxWithJvp(
  logits: Numbers,
  tangent: Numbers,
  cols: number,
  temperature = 1,
): { probs: Exact; jvp: Exact } {
  const probs = softmax(logits, cols, temperature);
  const exact = softmaxJvp(probs.values, tangent, cols);
  const flushed = softmaxJvp(probs.flushed, tangent, cols);
  const perLogit = (v: number) => v / temperature;
  return {
    probs,
    jvp: {
      values: exact.values.map(perLogit),
      flushed: flushed.values.map(perLogit),
      magnitudes: exact.magnitudes!.map(perLogit),
    },
  };
}

/** w_k · ((1 − ε)·t_k + ε/cols) of one row. */
function weighTargets(
  targets: Int32Array | Numbers,
  r: number,
  cols: number,
  { labelSmoothing = 0, classWeights }: CrossEntropyOptions,
): Float64Array {
  const classes = targets instanceof Int32Array;
  return Float64Array.from({ length: cols }, (_, k) => {
    const target = classes ? (targets[r] === k ? 1 : 0) : targets[r * cols + k];
    const weight = classWeights ? classWeights[k] : 1;
    return weight === 0 ? 0 : weight * ((1 - labelSmoothing) * target + labelSmoothing / cols);
  });
}

function meanDivisor(
  targets: Int32Array | Numbers,
  rows: number,
  { ignoreIndex = -100, classWeights, divisor }: CrossEntropyOptions,
): number {
  if (divisor !== undefined) return divisor;
  if (!(targets instanceof Int32Array)) return rows;
  const kept = targets.filter((t) => t !== ignoreIndex);
  return classWeights ? sum(Array.from(kept, (t) => classWeights[t])) : kept.length;
}

/** Targets are class indices when they are an Int32Array, else probabilities. */
export function crossEntropy(
  logits: Numbers,
  targets: Int32Array | Numbers,
  cols: number,
  options: CrossEntropyOptions = {},
): ExactCrossEntropy {
  const { reduction = 'mean', ignoreIndex = -100, labelSmoothing = 0, zLoss = 0, scale = 1, temperature = 1 } = options;
  const rows = logits.length / cols;
  const divisor = meanDivisor(targets, rows, options);
  const gradScale = reduction === 'mean' ? scale / divisor : scale;
  const isLabel = targets instanceof Int32Array && labelSmoothing === 0;
  const lossMagnitudes = new Float64Array(rows);
  const gradMagnitudes = new Float64Array(logits.length);

  const compute = (flush: boolean) => {
    const losses = new Float64Array(rows);
    const lse = new Float64Array(rows);
    const dlogits = new Float64Array(logits.length);
    for (let r = 0; r < rows; r++) {
      if (targets instanceof Int32Array && targets[r] === ignoreIndex) continue;
      const row = readRow(logits, r, cols, temperature, flush);
      const t = weighTargets(targets, r, cols, options);
      const lossTerms = t.map((tk, k) =>
        tk === 0 ? 0 : -tk * ((logits[r * cols + k] - row.max) / temperature - row.logTotal),
      );
      lse[r] = row.max / temperature + row.logTotal;
      losses[r] = scale * (sum(lossTerms) + zLoss * lse[r] ** 2);
      // Of the exact terms: those that are flushed have none.
      if (!flush) lossMagnitudes[r] = Math.abs(scale) * (sum(lossTerms.map(Math.abs)) + zLoss * lse[r] ** 2);
      const targetSum = sum(t);
      const absoluteSum = sum(t.map(Math.abs));
      for (let k = 0; k < cols; k++) {
        const a = row.terms[k] / row.total;
        const ofLoss = isLabel && k === targets[r] ? -t[k] * others(row, k) : a * targetSum - t[k];
        const ofZ = 2 * zLoss * lse[r] * a;
        dlogits[r * cols + k] = ((ofLoss + ofZ) * gradScale) / temperature;
        const absolute = a * absoluteSum + Math.abs(t[k]) + Math.abs(ofZ);
        if (!flush) gradMagnitudes[r * cols + k] = (absolute * Math.abs(gradScale)) / temperature;
      }
    }
    return { losses, lse, dlogits };
  };

  const exact = compute(false);
  const flushed = compute(true);
  const over = reduction === 'mean' ? divisor : 1;
  const plainLabels = isLabel && zLoss === 0;
  return {
    losses: { values: exact.losses, flushed: flushed.losses, magnitudes: lossMagnitudes },
    lse: { values: exact.lse, flushed: flushed.lse, magnitudes: logSumExp(logits, cols, temperature).magnitudes! },
    dlogits: {
      values: exact.dlogits,
      flushed: flushed.dlogits,
      // No smoothing, no z term: the bound is relative to the result itself.
      magnitudes: plainLabels ? exact.dlogits.map(Math.abs) : gradMagnitudes,
    },
    loss: {
      values: Float64Array.of(sum(exact.losses) / over),
      flushed: Float64Array.of(sum(flushed.losses) / over),
      magnitudes: Float64Array.of(sum(lossMagnitudes) / Math.abs(over)),
    },
    divisor,
  };
}
