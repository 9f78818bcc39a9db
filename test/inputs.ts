/** Seeded rows: the same on every run, every tier and every runtime. The name says the distribution. */

/** Both sides of every boundary: lanes, unrolled blocks, the narrow kernels' last column count. */
export const COLUMNS = [
  1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1000,
];
/** Longer than a staging tile of 64 KiB. */
export const BEYOND_TILE = 16_500;
/** Longer than 1 MiB: a row that has a memory of its own. */
export const LONG_ROW = 262_144 + 77;
export const TEMPERATURES = [0.01, 0.7, 1, 3, 100, 2 ** -16, 2 ** 16];

/** An odd number of rows, so that groups of four leave a last one that is not full. */
export function rowsFor(cols: number): number {
  return cols <= 64 ? 9 : cols <= 1000 ? 5 : cols <= 32_000 ? 3 : 1;
}

/** Uniform in [0, 1): mulberry32 (Tommy Ettinger, public domain). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function fill(length: number, next: () => number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = next();
  return values;
}

export function uniform(length: number, low: number, high: number, seed = 1): Float32Array<ArrayBuffer> {
  const next = random(seed);
  return fill(length, () => low + (high - low) * next());
}

/** N(mu, sigma²) by Box and Muller. */
export function normal(length: number, mu = 0, sigma = 1, seed = 1): Float32Array<ArrayBuffer> {
  const next = random(seed);
  return fill(length, () => mu + sigma * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()));
}

/** Rows of equal logits with one larger by `gap`, in a place that moves from row to row. */
export function equalBesideLarger(rows: number, cols: number, base: number, gap: number): Float32Array<ArrayBuffer> {
  const logits = new Float32Array(rows * cols).fill(base);
  for (let r = 0; r < rows; r++) logits[r * cols + ((r * 37) % cols)] = base + gap;
  return logits;
}

/** N(0, 4²) with `share` of each row -Infinity, at least one column left. */
export function masked(rows: number, cols: number, share: number, seed = 1): Float32Array<ArrayBuffer> {
  const logits = normal(rows * cols, 0, 4, seed);
  const next = random(seed + 1);
  for (let r = 0; r < rows; r++) {
    const kept = Math.floor(next() * cols);
    for (let c = 0; c < cols; c++) if (next() < share && c !== kept) logits[r * cols + c] = -Infinity;
  }
  return logits;
}

/** One logit per row above N(0, 1) by `low` … `high`; `labels` are the columns it stands in. */
export function nearCertain(rows: number, cols: number, low: number, high: number, seed = 1) {
  const logits = normal(rows * cols, 0, 1, seed);
  const labels = classIndices(rows, cols, seed + 1);
  const next = random(seed + 2);
  for (let r = 0; r < rows; r++) {
    const row = logits.subarray(r * cols, (r + 1) * cols);
    row[labels[r]] = row.reduce((a, b) => Math.max(a, b)) + low + (high - low) * next();
  }
  return { logits, labels };
}

/** Few distinct values, so that rows hold many ties. */
export function tied(length: number, seed = 1): Float32Array<ArrayBuffer> {
  const next = random(seed);
  return fill(length, () => Math.floor(next() * 3) - 1.3);
}

export function classIndices(rows: number, cols: number, seed = 1): Int32Array<ArrayBuffer> {
  const next = random(seed);
  return Int32Array.from({ length: rows }, () => Math.floor(next() * cols));
}

/** The column of each row's largest logit. */
export function largest(logits: Float32Array, cols: number): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: logits.length / cols }, (_, r) => {
    let top = 0;
    for (let c = 1; c < cols; c++) if (logits[r * cols + c] > logits[r * cols + top]) top = c;
    return top;
  });
}

export function oneHot(labels: Int32Array, cols: number): Float32Array<ArrayBuffer> {
  const targets = new Float32Array(labels.length * cols);
  labels.forEach((label, r) => (targets[r * cols + label] = 1));
  return targets;
}

/** Positive rows that sum to 1, up to rounding. */
export function softLabels(rows: number, cols: number, seed = 1): Float32Array<ArrayBuffer> {
  const targets = uniform(rows * cols, 0.001, 1, seed);
  for (let r = 0; r < rows; r++) {
    const row = targets.subarray(r * cols, (r + 1) * cols);
    const total = row.reduce((a, b) => a + b, 0);
    for (let c = 0; c < cols; c++) row[c] /= total;
  }
  return targets;
}
