import { Call } from '../call';
import { eachBatch } from '../drive';
import { demote, highAt, hsum, lowAt } from '../lanes';
import { NARROW, promoteAt, State, storePair } from '../state';
import { rowAcross, rowAcrossOut } from '../turn';
import { factorsFit, scaleColumns, scaleRow, surround } from '../writers';

/**
 * Cross-entropy of rows against class indices or probabilities, its gradient, or both at once.
 *
 *   τ_j = w_j (keep·t_j + spread),  keep = 1 − ε,  spread = ε / cols       (t one-hot for class indices)
 *   loss      = lossScale · (Σ τ_j ((m − x_j)/T + log(Σ/e_max)) + ζ·lse²)
 *   dlogits_j = gradScale/T · (a_j (Σ τ + 2ζ·lse) − τ_j)
 *
 * both times the row's weight ω, where there are such: one of 0 makes the row's loss and dlogits 0, whatever it holds.
 *
 * With class indices the label's own entry is never taken as a_t − 1: it is −(sum of the others) / Σ.
 */
@unmanaged
export class CrossEntropy extends Call {
  lossScale: f64;
  gradScale: f64;
  keep: f64;
  spread: f64;
  zetaOrZero: f64;
  /** An i32: the class index of rows that are not read. */
  ignoreIndex: f64;
  /** Not 0: every class has a target, by probabilities or by smoothing. */
  dense: f64;
  free7: f64;

  /** f32[rows, cols]. */
  x: usize;
  /** i32[rows] or 0; an index outside [0, cols) counts as ignored. */
  labels: usize;
  /** f32[rows, cols] or 0: probabilities, when there are no labels. */
  probs: usize;
  /** f32[cols] or 0: class weights. */
  weightsOrZero: usize;
  /** f32[rows, cols] or 0: dlogits; may be x. */
  y: usize;
  /** f32[rows] or 0. */
  losses: usize;
  lseOrZero: usize;
  /** f32[rows] or 0. */
  rowWeightsOrZero: usize;

  // The module for ClickHouse has none of these.
  @inline get zeta(): f64 {
    return isDefined(PLAIN_ROWS) ? 0 : this.zetaOrZero;
  }


  @inline get weights(): usize {
    return isDefined(PLAIN_ROWS) ? 0 : this.weightsOrZero;
  }


  @inline get lse(): usize {
    return isDefined(PLAIN_ROWS) ? 0 : this.lseOrZero;
  }


  @inline get rowWeights(): usize {
    return isDefined(PLAIN_ROWS) ? 0 : this.rowWeightsOrZero;
  }

  /**
   * Names the next rows that are read, and zeroes the results of others; the last group repeats its last row. A class index is
   * loaded here alone: where another thread changes it later, what was checked is what is used.
   */
  take(r: u32, size: u32): u32 {
    const s = this.state;
    const rows = this.rows;
    let lanes: u32 = 0;
    // ClickHouse's module has no room for what is only faster.
    if (!isDefined(PLAIN_ROWS) && this.labels) lanes = takeGroups(this, r, min(size, rows - r));
    let label: u32 = 0;
    let row: u32 = 0;
    let last: u32 = 0;
    r += lanes;
    for (; r < rows && lanes < size; r++) {
      if (this.labels) label = this.labelOf(r);
      // Of rows side by side a batch without gaps is worth more: what is computed of these is written over.
      if (label == NONE && !this.step) {
        writeIgnored(this, r);
        continue;
      }
      row = r;
      last = label;
      name(r, label, lanes++, s);
    }
    s.lanes = lanes;
    if (lanes) for (; lanes & 3; lanes++) name(row, last, lanes, s);
    return r;
  }

  /** In place, x is about to be overwritten: what is needed of it is read now. */
  read(): void {
    const s = this.state;
    const end = s.end;
    const zero = f64x2.splat(0);
    for (let q = s; q != end; q = q.next) {
      if (this.labels) readLabels(this, q);
      if (this.rowWeights) readRowWeights(this, q);
      q.distance01 = zero;
      q.distance23 = zero;
      q.tau01 = zero;
      q.tau23 = zero;
    }
    if (this.dense) for (let i: u32 = 0; i < s.lanes; i++) rowTau(this, s.group(i >> 2), i & 3);
  }


  @inline settle(q: State, pairs: u32): void {
    q.scaled = 0;
    if (this.labels) q.labelE = labelled(q.e, this.y, 0, q, this);
    for (let i: u32 = 0; i < pairs; i++) settlePair(this, q, i);
    if (pairs == 1) q.factor23 = q.factor01;
    // Others that are not read take up no lane.
    if (this.step) leaveOut(q);
  }


  @inline columns(q: State, n: u32): void {
    if (!this.y || this.dense || !factorsFit(q)) return;
    scaleColumns(n, q.factor01, q.factor23, q);
    q.scaled = 1;
  }

  /** What is one a row, and the gradients as far as the columns do not have them. */
  done(): void {
    const s = this.state;
    const y = this.y;
    const step = this.step;
    const rowStep: usize = step ? 4 : this.rowBytes;
    const columnStep: usize = step ? step : 4;
    const special = step | this.rowWeights;
    let total = this.total;
    let left = s.lanes;
    for (let q = s; left; q = q.next) {
      const n = min(left, 4);
      left -= n;
      for (let i: u32 = 0; i < n; i++) total += <f64>f32.load(q.lane(i), offsetof<State>('loss'));
      store(this.losses, q, n, offsetof<State>('loss'));
      store(this.lse, q, n, offsetof<State>('lse'));
      if (!y) continue;
      for (let i: u32 = 0; i < n; i++) {
        const row = y + q.row(i) * rowStep;
        // Most often the label's own is all that is missing.
        if ((special != 0 || !q.scaled) && !this.gradient(row, q, i)) continue;
        f32.store(row + <usize>q.label(i) * columnStep, f32.load(q.lane(i), offsetof<State>('labelGrad')));
      }
    }
    this.total = total;
  }

  /** The gradient of lane i's row as far as the columns do not have it; whether there is a label, whose own is still to come. */
  @inline gradient(row: usize, q: State, i: u32): bool {
    if (
      (this.step && q.label(i) == NONE) ||
      (this.rowWeights && f32.load(q.lane(i), offsetof<State>('rowWeight')) == 0)
    ) {
      writeZeros(this, row);
      return false;
    }
    if (!q.scaled) writeGradient(this, row, q, i);
    if (this.spans) surround(row, 0 * f64.load(q.lane64(i), offsetof<State>('factor01')), i, this);
    return this.labels != 0;
  }

  /** The class index of a row, or NONE where it is not to be read. */
  labelOf(r: u32): u32 {
    const label = <u32>i32.load(this.labels + ((<usize>r) << 2));
    return label >= this.cols || <f64>(<i32>label) == this.ignoreIndex ? NONE : label;
  }
  /** Whether a wide row is read in the column of its label. */
  @inline sees(r: usize, label: u32): bool {
    if (!this.spans) return true;
    const span = this.spans + (r << 3);
    const from = i32.load(span);
    return label - from < <u32>(i32.load(span, 4) - from);
  }
}

export function crossEntropy(call: CrossEntropy): void {
  eachBatch(call, true, call.y);
}

/** What stands for the class index of a row that is not to be read. */
// @ts-ignore: decorator
@inline const NONE: u32 = 0xffffffff;

/** The class index of lane i's row; 0 where it is NONE, of a row among others side by side. */
// @ts-ignore: decorator
@inline
function columnOf(q: State, i: u32): u32 {
  const label = q.label(i);
  return label == NONE ? 0 : label;
}

/** Row r, of that class index, is that of lane i of the batch. */
// @ts-ignore: decorator
@inline
function name(r: u32, label: u32, i: u32, s: State): void {
  const at = s.group(i >> 2).lane(i & 3);
  i32.store(at, r, offsetof<State>('rows'));
  i32.store(at, label, offsetof<State>('labels'));
}

/** Names the groups of rows from r on, of up to `count` rows, in which none is left out; how many rows that are. */
function takeGroups(call: CrossEntropy, r: u32, count: u32): u32 {
  const cols = i32x4.splat(call.cols);
  const ignored = i32x4.splat(<i32>call.ignoreIndex);
  const end = r + (count & ~3);
  const from = r;
  for (let q = call.state; r < end; q = q.next, r += 4) {
    const labels = v128.load(call.labels + ((<usize>r) << 2));
    const none = v128.or(i32x4.ge_u(labels, cols), i32x4.eq(labels, ignored));
    if (!call.step && v128.any_true(none)) break;
    q.rows = i32x4.add(i32x4.splat(r), i32x4(0, 1, 2, 3));
    q.labels = v128.or(labels, none);
  }
  return r - from;
}

function writeIgnored(call: CrossEntropy, r: u32): void {
  const at = (<usize>r) << 2;
  if (call.y) writeZeros(call, call.start(call.y, r));
  if (call.losses) f32.store(call.losses + at, 0);
  if (call.lse) f32.store(call.lse + at, 0);
}

/** Rows that are not read have lanes only among others side by side: 0 is their loss and lse. */
function leaveOut(q: State): void {
  const none = i32x4.eq(q.labels, i32x4.splat(NONE));
  q.loss = v128.andnot(q.loss, none);
  q.lse = v128.andnot(q.lse, none);
}

/** The first n lanes of a field to f32[rows] at p, if there is one. */
function store(p: usize, q: State, n: u32, field: usize): void {
  if (p) for (let i: u32 = 0; i < n; i++) f32.store(p + (q.row(i) << 2), f32.load(q.lane(i) + field));
}

/** A row of dlogits that begins at y. */
function writeZeros(call: CrossEntropy, y: usize): void {
  const step = call.step;
  if (!step) memory.fill(y, 0, call.rowBytes);
  else for (let c: u32 = 0; c < call.cols; c++, y += step) f32.store(y, 0);
}

/** The labels' logits and class weights, in all lanes: those without a row repeat one. */
function readLabels(call: CrossEntropy, q: State): void {
  const weights = call.weights;
  q.logit = labelled(q.x, call.x, -Infinity, q, call);
  q.weight = f32x4.splat(1);
  if (weights) {
    for (let i: u32 = 0; i < 4; i++) {
      f32.store(q.lane(i), f32.load(weights + ((<usize>columnOf(q, i)) << 2)), offsetof<State>('weight'));
    }
  }
}

/**
 * What the columns at c of a narrow group have for its labels, or wide rows of f32[rows, cols] at p: `none` outside what is
 * read of them. Put together in a register: four stores would be waited for.
 */
function labelled(c: usize, p: usize, none: f32, q: State, call: CrossEntropy): v128 {
  if (call.cols > NARROW) {
    for (let i: u32 = 0; i < 4; i++) {
      const r = q.row(i);
      const value = p && call.sees(r, q.label(i)) ? f32.load(p + r * call.rowBytes + ((<usize>q.label(i)) << 2)) : none;
      f32.store(q.lane(i), value, offsetof<State>('part'));
    }
    return q.part;
  }
  let columns = q.labels;
  if (call.step) columns = v128.andnot(columns, i32x4.eq(columns, i32x4.splat(NONE)));
  const at = q == call.state.alone ? i32x4.shl(columns, 2) : i32x4.add(i32x4.shl(columns, 4), i32x4(0, 4, 8, 12));
  let v = v128.load32_zero(c + <usize>i32x4.extract_lane(at, 0));
  v = v128.load32_lane(c + <usize>i32x4.extract_lane(at, 1), v, 1);
  v = v128.load32_lane(c + <usize>i32x4.extract_lane(at, 2), v, 2);
  return v128.load32_lane(c + <usize>i32x4.extract_lane(at, 3), v, 3);
}

function readRowWeights(call: CrossEntropy, q: State): void {
  for (let i: u32 = 0; i < 4; i++) {
    f32.store(q.lane(i), f32.load(call.rowWeights + (q.row(i) << 2)), offsetof<State>('rowWeight'));
  }
}

/** The loss, the factor (what e is multiplied by) and the label's gradient of pair i; tau becomes Σ τ + 2ζ·lse. */
function settlePair(call: CrossEntropy, q: State, i: u32): void {
  const d = q.pair(i);
  const invT = call.table.invT;
  const zeta = f64x2.splat(call.zeta);
  const m = promoteAt(q, i, offsetof<State>('max'));
  const log = v128.load(d, offsetof<State>('log01'));
  const sum = v128.load(d, offsetof<State>('sum01'));
  const lse = f64x2.add(f64x2.mul(m, invT), log);
  let scale = f64x2.div(f64x2.mul(f64x2.splat(call.gradScale), invT), sum);
  const zetaLse = f64x2.mul(zeta, lse);
  const twice = f64x2.add(zetaLse, zetaLse);
  let tau = v128.load(d, offsetof<State>('tau01'));
  let loss = f64x2.add(f64x2.mul(v128.load(d, offsetof<State>('distance01')), invT), f64x2.mul(log, tau));
  loss = f64x2.add(loss, f64x2.mul(zetaLse, lse));
  if (call.rowWeights) scale = f64x2.mul(scale, promoteAt(q, i, offsetof<State>('rowWeight')));
  if (call.labels) {
    const weight = promoteAt(q, i, offsetof<State>('weight'));
    const picked = f64x2.mul(f64x2.splat(call.keep), weight);
    const logit = promoteAt(q, i, offsetof<State>('logit'));
    loss = f64x2.add(loss, labelLoss(picked, f64x2.add(f64x2.mul(f64x2.sub(m, logit), invT), log)));
    const e = promoteAt(q, i, offsetof<State>('labelE'));
    const smooth = f64x2.mul(f64x2.mul(f64x2.splat(call.spread), weight), sum);
    const own = f64x2.sub(f64x2.mul(f64x2.add(tau, twice), e), smooth);
    const label = f64x2.sub(own, f64x2.mul(picked, others(d, e, f64x2.eq(logit, m))));
    storePair(q, i, offsetof<State>('labelGrad'), v128.demote_zero<f64>(f64x2.mul(label, scale)));
    tau = f64x2.add(tau, picked);
  }
  loss = f64x2.mul(loss, f64x2.splat(call.lossScale));
  if (call.rowWeights) {
    const weight = promoteAt(q, i, offsetof<State>('rowWeight'));
    loss = v128.andnot(f64x2.mul(loss, weight), f64x2.eq(weight, f64x2.splat(0)));
  }
  // + 0: a negative scale makes no -0, neither of a perfect fit nor of what underflows.
  storePair(q, i, offsetof<State>('loss'), f32x4.add(v128.demote_zero<f64>(loss), f32x4.splat(0)));
  const edge = promoteAt(q, i, offsetof<State>('edge'));
  storePair(
    q,
    i,
    offsetof<State>('lse'),
    v128.demote_zero<f64>(v128.bitselect(edge, lse, f64x2.eq(f64x2.abs(m), f64x2.splat(Infinity)))),
  );
  tau = f64x2.add(tau, twice);
  v128.store(d, tau, offsetof<State>('tau01'));
  v128.store(d, f64x2.mul(tau, scale), offsetof<State>('factor01'));
}

/** A weight of 0 makes the term 0 also where the label's logit is -Infinity. */
// @ts-ignore: decorator
@inline
function labelLoss(picked: v128, distance: v128): v128 {
  const none = v128.and(f64x2.eq(picked, f64x2.splat(0)), f64x2.eq(distance, f64x2.splat(Infinity)));
  return v128.andnot(f64x2.mul(picked, distance), none);
}

/** Σ − e_t of a pair without cancellation: the label is the max, or the max is among the others. */
// @ts-ignore: decorator
@inline
function others(d: usize, e: v128, isMax: v128): v128 {
  const rest = v128.load(d, offsetof<State>('rest01'));
  const less = f64x2.add(f64x2.sub(rest, e), v128.load(d, offsetof<State>('top01')));
  return v128.bitselect(rest, less, isMax);
}

/** Of lane i's row, which begins at y. */
function writeGradient(call: CrossEntropy, y: usize, q: State, i: u32): void {
  if (call.dense) return rowMinusTau(call, y, q, i);
  const factor = f64.load(q.lane64(i), offsetof<State>('factor01'));
  const step = call.step;
  // What takes no part, too: it is written after this.
  if (!step) return scaleRow(y, call.cols, factor);
  scaleRow(rowAcross(y, step, call.cols, q.x), call.cols, factor);
  rowAcrossOut(q.x, y, step, call.cols);
}

/** τ of two columns at t and w (each may be 0), but for a class index's own part. */
// @ts-ignore: decorator
@inline
function tau2(t: usize, w: usize, at: usize, keep: v128, spread: v128): v128 {
  const tau = t ? f64x2.add(f64x2.mul(lowAt(t + at), keep), spread) : spread;
  return w ? f64x2.mul(tau, lowAt(w + at)) : tau;
}

/** τ of one column at `at` bytes of a row, but for a class index's own part. */
function tau1(call: CrossEntropy, t: usize, at: usize): f64 {
  const tau = (t ? <f64>f32.load(t + at) : 0) * call.keep + call.spread;
  return call.weights ? tau * <f64>f32.load(call.weights + at) : tau;
}

/** τ·d; a τ of 0 makes its term 0, whatever x is. */
// @ts-ignore: decorator
@inline
function term(tau: v128, d: v128): v128 {
  return v128.and(f64x2.mul(tau, d), f64x2.ne(tau, f64x2.splat(0)));
}

/** Lane i's Σ τ (m − x) and Σ τ. */
function rowTau(call: CrossEntropy, q: State, i: u32): void {
  const offset = q.row(i) * call.rowBytes;
  const x = call.x + offset;
  const t = call.probs ? call.probs + offset : 0;
  const w = call.weights;
  const keep = f64x2.splat(call.keep);
  const spread = f64x2.splat(call.spread);
  const max = <f64>f32.load(q.lane(i), offsetof<State>('max'));
  const m = f64x2.splat(max);
  const end = call.rowBytes;
  let distance = f64x2.splat(0);
  let sum = distance;
  let at: usize = 0;
  for (; at + 16 <= end; at += 16) {
    const low = tau2(t, w, at, keep, spread);
    const high = tau2(t, w, at + 8, keep, spread);
    sum = f64x2.add(sum, f64x2.add(low, high));
    const lowTerm = term(low, f64x2.sub(m, lowAt(x + at)));
    distance = f64x2.add(distance, f64x2.add(lowTerm, term(high, f64x2.sub(m, highAt(x + at)))));
  }
  for (; at < end; at += 4) {
    const tau = tau1(call, t, at);
    sum = f64x2.add(sum, f64x2(tau, 0));
    if (tau != 0) distance = f64x2.add(distance, f64x2(tau * (max - <f64>f32.load(x + at)), 0));
  }
  v128.store64_lane(q.lane64(i), hsum(distance), 0, offsetof<State>('distance01'));
  v128.store64_lane(q.lane64(i), hsum(sum), 0, offsetof<State>('tau01'));
}

/**
 * y = (e·tau − τ·Σ) · gradScale / (T·Σ) of lane i's row, y holding e; in f64, rounded once. A perfect fit is 0, because e
 * and Σ are then the same number.
 */
function rowMinusTau(call: CrossEntropy, y: usize, q: State, i: u32): void {
  const t = call.probs ? call.probs + q.row(i) * call.rowBytes : 0;
  const sum = f64.load(q.lane64(i), offsetof<State>('sum01'));
  const total = f64.load(q.lane64(i), offsetof<State>('tau01'));
  let scale = (call.gradScale * f64x2.extract_lane(call.table.invT, 0)) / sum;
  if (call.rowWeights) scale *= <f64>f32.load(q.lane(i), offsetof<State>('rowWeight'));
  const w = call.weights;
  const keep = f64x2.splat(call.keep);
  const spread = f64x2.splat(call.spread);
  const end = call.rowBytes;
  let at: usize = 0;
  for (; at + 16 <= end; at += 16) {
    const low = difference(lowAt(y + at), tau2(t, w, at, keep, spread), total, sum, scale);
    const high = difference(highAt(y + at), tau2(t, w, at + 8, keep, spread), total, sum, scale);
    v128.store(y + at, demote(low, high));
  }
  for (; at < end; at += 4) {
    const e = <f64>f32.load(y + at);
    f32.store(y + at, <f32>((e * total - tau1(call, t, at) * sum) * scale));
  }
}

// @ts-ignore: decorator
@inline
function difference(e: v128, tau: v128, total: f64, sum: f64, scale: f64): v128 {
  const d = f64x2.sub(f64x2.mul(e, f64x2.splat(total)), f64x2.mul(tau, f64x2.splat(sum)));
  return f64x2.mul(d, f64x2.splat(scale));
}
