import { INV_T } from './exp';
import { demote, highAt, hsum, lowAt } from './lanes';
import { scaleColumns, scatter } from './narrow';
import { rowScale } from './rows';
import {
  E,
  E_MAX,
  FACTOR,
  fits,
  LABEL,
  LABEL_E,
  lane,
  LOG,
  LOGIT,
  LOSS,
  lseOf,
  MAX,
  NARROW,
  PART_D,
  PART_TAU,
  promoteAt,
  REST,
  ROWS,
  STATE,
  SUM,
  TAU,
  TAU_D,
  WEIGHT,
} from './state';
import { batchAhead, batchEnd, batchSize, sums, top } from './statistics';

/**
 * Cross-entropy of rows against class indices or probabilities, its gradient, or both at once.
 *
 *   τ_j = w_j (α·t_j + β),  α = 1 − ε,  β = ε / cols       (t one-hot for class indices)
 *   loss      = lossScale · (Σ τ_j ((m − x_j)/T + log(Σ/e_max)) + ζ·lse²)
 *   dlogits_j = gradScale/T · (a_j (Σ τ + 2ζ·lse) − τ_j)
 *
 * With class indices the label's own entry is never taken as a_t − 1: it is −(sum of the others) / Σ.
 */

// Byte offsets into the parameters at p, f64 unless said.
// @ts-ignore: decorator
@inline const LOSS_SCALE: usize = 0;
// @ts-ignore: decorator
@inline const GRAD_SCALE: usize = 8;
// @ts-ignore: decorator
@inline const ALPHA: usize = 16;
// @ts-ignore: decorator
@inline const BETA: usize = 24;
// @ts-ignore: decorator
@inline const ZETA: usize = 32;
/** i32: the class index of rows that are not read. */
// @ts-ignore: decorator
@inline const IGNORE: usize = 40;

/**
 * x       f32[rows, cols]
 * labels  i32[rows] or 0; an index outside [0, cols) counts as ignored
 * t       f32[rows, cols] or 0: probabilities, when labels is 0
 * w       f32[cols] or 0: class weights
 * dl      f32[rows, cols] or 0; may be x
 * losses, lse  f32[rows] or 0
 * k, s, p the table of `constants`, the state, the parameters
 */
export function crossEntropy(
  x: usize,
  labels: usize,
  t: usize,
  w: usize,
  dl: usize,
  losses: usize,
  lse: usize,
  rows: u32,
  cols: u32,
  k: usize,
  s: usize,
  p: usize,
): void {
  const size = batchSize(cols);
  const ignored = i32.load(p, IGNORE);
  let lanes: u32 = 0;
  for (let r: u32 = 0; r < rows; r++) {
    const at = (<usize>r) << 2;
    if (labels) {
      const label = i32.load(labels + at);
      if (label == ignored || <u32>label >= cols) {
        if (dl) memory.fill(dl + at * cols, 0, (<usize>cols) << 2);
        if (losses) f32.store(losses + at, 0);
        if (lse) f32.store(lse + at, 0);
        continue;
      }
    }
    i32.store(laneAt(lanes, s), r, ROWS);
    if (++lanes == size) {
      lossOfRows(x, labels, t, w, dl, losses, lse, cols, lanes, k, s, p, batchAhead(r + 1 - size, rows, cols));
      lanes = 0;
    }
  }
  if (lanes) lossOfRows(x, labels, t, w, dl, losses, lse, cols, lanes, k, s, p, 0);
}

/** Lane i of a batch: its f32 in the state of its group. */
// @ts-ignore: decorator
@inline
function laneAt(i: u32, s: usize): usize {
  return s + <usize>(i >> 2) * STATE + ((<usize>(i & 3)) << 2);
}

/** The rows named in ROWS. */
function lossOfRows(
  x: usize,
  labels: usize,
  t: usize,
  w: usize,
  dl: usize,
  losses: usize,
  lse: usize,
  cols: u32,
  lanes: u32,
  k: usize,
  s: usize,
  p: usize,
  ahead: usize,
): void {
  const narrow = cols <= NARROW;
  const rowBytes = (<usize>cols) << 2;
  const dense = t != 0 || f64.load(p, BETA) != 0;
  const end = batchEnd(lanes, s);
  let width = lanes;
  if (narrow) {
    // The last group repeats its last row: all four lanes are scattered.
    const row = i32.load(laneAt(lanes - 1, s), ROWS);
    for (; width & 3; width++) i32.store(laneAt(width, s), row, ROWS);
  }
  top(x, cols, lanes, k, s);
  // In place, x is about to be overwritten: what is needed of it is read now.
  for (let i: u32 = 0; i < width; i++) {
    const at = laneAt(i, s);
    const r = <usize>i32.load(at, ROWS);
    const row = x + r * rowBytes;
    if (dense) {
      const q = s + <usize>(i >> 2) * STATE;
      rowTau(row, t ? t + r * rowBytes : 0, w, cols, i & 3, q, p);
      tauDone(i & 3, q);
    }
    if (labels) {
      const label = (<usize>i32.load(labels + (r << 2))) << 2;
      f32.store(at, f32.load(row + label), LOGIT);
      f32.store(at, w ? f32.load(w + label) : 1, WEIGHT);
    }
  }
  sums(x, dl, cols, lanes, k, s, ahead);
  if (labels) {
    for (let i: u32 = 0; i < width; i++) {
      const at = laneAt(i, s);
      const r = <usize>i32.load(at, ROWS);
      const label = (<usize>i32.load(labels + (r << 2))) << 2;
      if (narrow) f32.store(at, f32.load(at + (label << 2), E), LABEL_E);
      else f32.store(at, dl ? f32.load(dl + r * rowBytes + label) : 0, LABEL_E);
    }
  }
  for (let q = s; q < end; q += STATE, lanes -= 4) {
    groupLoss(labels != 0, width > 2 ? 2 : 1, k, q, p);
    const scaled = narrow && !dense && fit4(q);
    if (narrow && dl) {
      if (scaled) scaleColumns(cols, v128.load(q, FACTOR), v128.load(q, FACTOR + 16), q);
      scatter(q + E, dl, cols, q);
    }
    for (let i: u32 = 0; i < min(4, lanes); i++) {
      const r = <usize>i32.load(q + ((<usize>i) << 2), ROWS);
      if (losses) f32.store(losses + (r << 2), <f32>lane(q, LOSS, i));
      if (lse) f32.store(lse + (r << 2), <f32>lseOf(k, q, i));
      if (!dl) continue;
      const row = dl + r * rowBytes;
      if (dense) rowMinusTau(row, t ? t + r * rowBytes : 0, w, cols, i, k, q, p);
      else if (!scaled) rowScale(row, cols, lane(q, FACTOR, i));
      if (labels) f32.store(row + ((<usize>i32.load(labels + (r << 2))) << 2), <f32>lane(q, LABEL, i));
    }
  }
}

/** Whether all four factors fit. */
function fit4(s: usize): bool {
  for (let i: u32 = 0; i < 4; i++) if (!fits(lane(s, FACTOR, i))) return false;
  return true;
}

/**
 * LOSS, FACTOR (what e is multiplied by), LABEL (the label's gradient) in `halves` pairs of lanes; TAU becomes
 * Σ τ + 2ζ·lse. `labelled`: with the class indices' LOGIT, LABEL_E and WEIGHT.
 */
export function groupLoss(labelled: bool, halves: u32, k: usize, s: usize, p: usize): void {
  const invT = v128.load64_splat(k, INV_T);
  const alpha = v128.load64_splat(p, ALPHA);
  const beta = v128.load64_splat(p, BETA);
  const zeta = v128.load64_splat(p, ZETA);
  const gradScale = f64x2.mul(v128.load64_splat(p, GRAD_SCALE), invT);
  const lossScale = v128.load64_splat(p, LOSS_SCALE);
  const zero = v128.xor(zeta, zeta);
  for (let h: u32 = 0; h < halves; h++, s += 16) {
    const q = s - (h << 3);
    const m = promoteAt(q, MAX);
    const log = v128.load(s, LOG);
    const sum = v128.load(s, SUM);
    const lse = f64x2.add(f64x2.mul(m, invT), log);
    const scale = f64x2.div(gradScale, sum);
    const zetaLse = f64x2.mul(zeta, lse);
    let tau = v128.load(s, TAU);
    let loss = f64x2.add(f64x2.mul(v128.load(s, TAU_D), invT), f64x2.mul(log, tau));
    loss = f64x2.add(loss, f64x2.mul(zetaLse, lse));
    const twice = f64x2.add(zetaLse, zetaLse);
    if (labelled) {
      const logit = promoteAt(q, LOGIT);
      const e = promoteAt(q, LABEL_E);
      const weight = promoteAt(q, WEIGHT);
      const rest = v128.load(s, REST);
      const picked = f64x2.mul(alpha, weight);
      const distance = f64x2.add(f64x2.mul(f64x2.sub(m, logit), invT), log);
      // A weight of 0 makes the term 0 also where the label's logit is -Infinity.
      const none = v128.and(f64x2.eq(picked, zero), f64x2.eq(distance, f64x2.splat(Infinity)));
      loss = f64x2.add(loss, v128.andnot(f64x2.mul(picked, distance), none));
      // Σ − e_t without cancellation: the label is the max, or the max is among the others.
      const less = f64x2.add(f64x2.sub(rest, e), v128.load(s, E_MAX));
      const others = v128.bitselect(rest, less, f64x2.eq(logit, m));
      const smooth = f64x2.mul(f64x2.mul(beta, weight), sum);
      const label = f64x2.sub(f64x2.sub(f64x2.mul(f64x2.add(tau, twice), e), smooth), f64x2.mul(picked, others));
      v128.store(s, f64x2.mul(label, scale), LABEL);
      tau = f64x2.add(tau, picked);
    }
    // + 0: a negative scale makes no -0 of a perfect fit.
    v128.store(s, f64x2.add(f64x2.mul(loss, lossScale), zero), LOSS);
    const total = f64x2.add(tau, twice);
    v128.store(s, total, TAU);
    v128.store(s, f64x2.mul(total, scale), FACTOR);
  }
}

/** PART_D and PART_TAU += the sums over n elements of lane i's row; a τ of 0 makes its term 0, whatever x is. */
export function rowTau(x: usize, t: usize, w: usize, n: u32, i: u32, s: usize, p: usize): void {
  const max = <f64>f32.load(s + ((<usize>i) << 2), MAX);
  const alpha = v128.load64_splat(p, ALPHA);
  const beta = v128.load64_splat(p, BETA);
  const zero = v128.xor(beta, beta);
  let sumD = v128.load(s, PART_D);
  let sumTau = v128.load(s, PART_TAU);
  let j: u32 = 0;
  for (; j + 4 <= n; j += 4) {
    const at = (<usize>j) << 2;
    const lowD = f64x2.sub(f64x2.splat(max), lowAt(x + at));
    const highD = f64x2.sub(f64x2.splat(max), highAt(x + at));
    let low = beta;
    let high = beta;
    if (t) {
      low = f64x2.add(f64x2.mul(lowAt(t + at), alpha), beta);
      high = f64x2.add(f64x2.mul(highAt(t + at), alpha), beta);
    }
    if (w) {
      low = f64x2.mul(low, lowAt(w + at));
      high = f64x2.mul(high, highAt(w + at));
    }
    sumTau = f64x2.add(sumTau, f64x2.add(low, high));
    const lowTerm = v128.and(f64x2.mul(low, lowD), f64x2.ne(low, zero));
    const highTerm = v128.and(f64x2.mul(high, highD), f64x2.ne(high, zero));
    sumD = f64x2.add(sumD, f64x2.add(lowTerm, highTerm));
  }
  for (; j < n; j++) {
    const tau = tauAt(t, w, j, p);
    const d = max - <f64>f32.load(x + ((<usize>j) << 2));
    sumTau = f64x2.add(sumTau, f64x2(tau, 0));
    if (tau != 0) sumD = f64x2.add(sumD, f64x2(tau * d, 0));
  }
  v128.store(s, sumD, PART_D);
  v128.store(s, sumTau, PART_TAU);
}

/** Lane i's TAU_D and TAU from the parts, which are 0 again for the next row. */
export function tauDone(i: u32, s: usize): void {
  const at = s + ((<usize>i) << 3);
  f64.store(at, f64x2.extract_lane(hsum(v128.load(s, PART_D)), 0), TAU_D);
  f64.store(at, f64x2.extract_lane(hsum(v128.load(s, PART_TAU)), 0), TAU);
  const zero = f64x2.splat(0);
  v128.store(s, zero, PART_D);
  v128.store(s, zero, PART_TAU);
}

/**
 * y = (e·TAU − τ·Σ) · gradScale / (T·Σ) over n elements of lane i's row, y holding e; in f64, rounded once. A perfect
 * fit is 0, because e and Σ are then the same number.
 */
export function rowMinusTau(y: usize, t: usize, w: usize, n: u32, i: u32, k: usize, s: usize, p: usize): void {
  const sum = lane(s, SUM, i);
  const total = lane(s, TAU, i);
  const scale = (f64.load(p, GRAD_SCALE) * f64.load(k, INV_T)) / sum;
  const alpha = v128.load64_splat(p, ALPHA);
  const beta = v128.load64_splat(p, BETA);
  let j: u32 = 0;
  for (; j + 4 <= n; j += 4) {
    const at = (<usize>j) << 2;
    let low = beta;
    let high = beta;
    if (t) {
      low = f64x2.add(f64x2.mul(lowAt(t + at), alpha), beta);
      high = f64x2.add(f64x2.mul(highAt(t + at), alpha), beta);
    }
    if (w) {
      low = f64x2.mul(low, lowAt(w + at));
      high = f64x2.mul(high, highAt(w + at));
    }
    low = difference(lowAt(y + at), low, total, sum, scale);
    high = difference(highAt(y + at), high, total, sum, scale);
    v128.store(y + at, demote(low, high));
  }
  for (; j < n; j++) {
    const at = y + ((<usize>j) << 2);
    f32.store(at, <f32>((<f64>f32.load(at) * total - tauAt(t, w, j, p) * sum) * scale));
  }
}

// @ts-ignore: decorator
@inline
function difference(e: v128, tau: v128, total: f64, sum: f64, scale: f64): v128 {
  const d = f64x2.sub(f64x2.mul(e, f64x2.splat(total)), f64x2.mul(tau, f64x2.splat(sum)));
  return f64x2.mul(d, f64x2.splat(scale));
}

/** τ_j, but for a class index's own part. */
function tauAt(t: usize, w: usize, j: u32, p: usize): f64 {
  const at = (<usize>j) << 2;
  const tau = (t ? <f64>f32.load(t + at) : 0) * f64.load(p, ALPHA) + f64.load(p, BETA);
  return w ? tau * <f64>f32.load(w + at) : tau;
}
