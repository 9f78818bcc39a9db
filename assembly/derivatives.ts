import { exp4Full, INV_T } from './exp';
import { demote, hsum, loadPart, promoteHigh, storePart, widenAdd, widenAddAt } from './lanes';
import { REST, rowStart } from './state';
import { softmax } from './softmax';
import { madd } from './tier';

/**
 * Derivatives of rows, all f32[rows, cols], row-major, byte pointers. The output may be the first input.
 *
 *   softmaxJvp     y = a (u − ⟨a,u⟩)        (the VJP too: J = diag(a) − a aᵀ is symmetric)
 *   logSoftmaxJvp  y = u − ⟨exp(l),u⟩
 *   logSoftmaxVjp  y = g − exp(l) Σg
 *
 * Each is a sum over the row onto REST, and a pass that uses it.
 * Plain arithmetic at the edges: 0·∞ = NaN spreads over its row.
 */
export function softmaxJvp(a: usize, u: usize, y: usize, rows: u32, cols: u32, k: usize, s: usize): void {
  const rowBytes = (<usize>cols) << 2;
  for (let r: u32 = 0; r < rows; r++) {
    rowStart(s);
    rowDot(a, u, cols, s);
    rowJvp(a, u, y, cols, k, s);
    a += rowBytes;
    u += rowBytes;
    y += rowBytes;
  }
}

export function logSoftmaxJvp(l: usize, u: usize, y: usize, rows: u32, cols: u32, k: usize, s: usize): void {
  const rowBytes = (<usize>cols) << 2;
  for (let r: u32 = 0; r < rows; r++) {
    rowStart(s);
    rowExpDot(l, u, cols, k, s);
    rowMinus(u, y, cols, s);
    l += rowBytes;
    u += rowBytes;
    y += rowBytes;
  }
}

export function logSoftmaxVjp(l: usize, g: usize, y: usize, rows: u32, cols: u32, k: usize, s: usize): void {
  const rowBytes = (<usize>cols) << 2;
  for (let r: u32 = 0; r < rows; r++) {
    rowStart(s);
    rowTotal(g, cols, s);
    rowLogVjp(l, g, y, cols, k, s);
    l += rowBytes;
    g += rowBytes;
    y += rowBytes;
  }
}

/** Softmax and its JVP with respect to the logits: y = softmax(x / T), v = y (u − ⟨y,u⟩) / T; y may be x, v may be u. */
export function softmaxWithJvp(x: usize, u: usize, y: usize, v: usize, rows: u32, cols: u32, k: usize, s: usize): void {
  // Groups of four rows (what narrow softmax works in) stay in the cache between the two.
  const rowBytes = (<usize>cols) << 2;
  for (let r: u32 = 0; r < rows; r += 4) {
    const count = min(4, rows - r);
    const offset = <usize>r * rowBytes;
    softmax(x + offset, y + offset, count, cols, k, s);
    softmaxJvp(y + offset, u + offset, v + offset, count, cols, k, s);
  }
}

/** REST += Σ a·u over n elements. */
export function rowDot(a: usize, u: usize, n: u32, s: usize): void {
  let sum = v128.load(s, REST);
  let j: u32 = 0;
  for (; j + 16 <= n; j += 16, a += 64, u += 64) {
    const p = madd(v128.load(a, 16), v128.load(u, 16), f32x4.mul(v128.load(a), v128.load(u)));
    const q = madd(v128.load(a, 48), v128.load(u, 48), f32x4.mul(v128.load(a, 32), v128.load(u, 32)));
    sum = widenAdd(sum, f32x4.add(p, q));
  }
  for (; j < n; j += 4, a += 16, u += 16) {
    const whole = j + 4 <= n;
    const p = whole ? v128.load(a) : loadPart(a, n - j);
    sum = widenAdd(sum, f32x4.mul(p, whole ? v128.load(u) : loadPart(u, n - j)));
  }
  v128.store(s, sum, REST);
}

/** REST += Σ exp(l)·u over n elements, products in f64: e^88 times 2 is more than f32 holds. */
export function rowExpDot(l: usize, u: usize, n: u32, k: usize, s: usize): void {
  let sum = v128.load(s, REST);
  for (let j: u32 = 0; j < n; j += 4, l += 16, u += 16) {
    const whole = j + 4 <= n;
    const a = exp4Full(whole ? v128.load(l) : loadPart(l, n - j), k);
    const b = whole ? v128.load(u) : loadPart(u, n - j);
    const low = f64x2.mul(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(b));
    sum = f64x2.add(sum, f64x2.add(low, f64x2.mul(promoteHigh(a), promoteHigh(b))));
  }
  v128.store(s, sum, REST);
}

/** REST += Σ g over n elements. */
export function rowTotal(g: usize, n: u32, s: usize): void {
  let sum = v128.load(s, REST);
  let j: u32 = 0;
  for (; j + 4 <= n; j += 4, g += 16) sum = widenAddAt(sum, g);
  if (j < n) sum = widenAdd(sum, loadPart(g, n - j));
  v128.store(s, sum, REST);
}

/** The sum in REST. */
// @ts-ignore: decorator
@inline
function totalOf(s: usize): f64 {
  return f64x2.extract_lane(hsum(v128.load(s, REST)), 0);
}

/** What total's f32 leaves out; 0 beside an infinite one, so that u − ∞ stays -∞. */
function lowPart(total: f64): v128 {
  const hi = <f32>total;
  return f32x4.splat(abs(hi) == Infinity ? 0 : <f32>(total - <f64>hi));
}

/** y = a (u − REST) / T over n elements (T of the table k). */
export function rowJvp(a: usize, u: usize, y: usize, n: u32, k: usize, s: usize): void {
  const total = totalOf(s);
  const hi = f32x4.splat(<f32>total);
  const lo = lowPart(total);
  const inv = f32x4.splat(<f32>f64.load(k, INV_T));
  let j: u32 = 0;
  for (; j + 4 <= n; j += 4, a += 16, u += 16, y += 16) {
    const d = f32x4.sub(f32x4.sub(v128.load(u), hi), lo);
    v128.store(y, f32x4.mul(f32x4.mul(v128.load(a), d), inv));
  }
  if (j < n) {
    const d = f32x4.sub(f32x4.sub(loadPart(u, n - j), hi), lo);
    storePart(y, f32x4.mul(f32x4.mul(loadPart(a, n - j), d), inv), n - j);
  }
}

/** y = u − REST over n elements. */
export function rowMinus(u: usize, y: usize, n: u32, s: usize): void {
  const total = totalOf(s);
  const hi = f32x4.splat(<f32>total);
  const lo = lowPart(total);
  let j: u32 = 0;
  for (; j + 4 <= n; j += 4, u += 16, y += 16) v128.store(y, f32x4.sub(f32x4.sub(v128.load(u), hi), lo));
  if (j < n) storePart(y, f32x4.sub(f32x4.sub(loadPart(u, n - j), hi), lo), n - j);
}

/** y = g − exp(l)·REST over n elements; in f64, rounded once. */
export function rowLogVjp(l: usize, g: usize, y: usize, n: u32, k: usize, s: usize): void {
  const total = hsum(v128.load(s, REST));
  for (let j: u32 = 0; j < n; j += 4, l += 16, g += 16, y += 16) {
    const whole = j + 4 <= n;
    const a = exp4Full(whole ? v128.load(l) : loadPart(l, n - j), k);
    const b = whole ? v128.load(g) : loadPart(g, n - j);
    const low = f64x2.sub(f64x2.promote_low_f32x4(b), f64x2.mul(f64x2.promote_low_f32x4(a), total));
    const result = demote(low, f64x2.sub(promoteHigh(b), f64x2.mul(promoteHigh(a), total)));
    if (whole) v128.store(y, result);
    else storePart(y, result, n - j);
  }
}

/**
 * Rows `from` up to `to` of one row's Jacobian: y[i,j] = a_i (δ_ij − a_j).
 *
 * a  f32[cols], y  f32[to − from, cols], not overlapping.
 */
export function softmaxJacobian(a: usize, y: usize, cols: u32, from: u32, to: u32): void {
  for (let i = from; i < to; i++) {
    const ai = f32.load(a + ((<usize>i) << 2));
    const minus = f32x4.splat(-ai);
    let j: u32 = 0;
    for (; j + 4 <= cols; j += 4) {
      v128.store(y + ((<usize>j) << 2), f32x4.mul(minus, v128.load(a + ((<usize>j) << 2))));
    }
    if (j < cols)
      storePart(y + ((<usize>j) << 2), f32x4.mul(minus, loadPart(a + ((<usize>j) << 2), cols - j)), cols - j);
    f32.store(y + ((<usize>i) << 2), ai * (1 - ai));
    y += (<usize>cols) << 2;
  }
}
