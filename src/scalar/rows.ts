import { exp } from './exp.js';

/**
 * The passes over one row, x[start .. end). `at` is the index of the row's first maximum m = x[at]; its own exponential
 * is 1 and stays out of every sum, so that log1p(rest) keeps its digits when the other terms are tiny. All functions
 * add in the order of the columns: the same row gives the same bits whichever operation asks.
 */

/** Index of the first maximum. NaN after the first element loses here and shows up in `rowRest`. */
export function rowMaxIndex(x: Float32Array, start: number, end: number): number {
  let at = start;
  let m = x[start]!;
  for (let i = start + 1; i < end; i++) {
    const v = x[i]!;
    if (v > m) {
      m = v;
      at = i;
    }
  }
  return at;
}

/** Σ exp((x − m) / T) without the maximum's own term; `c` is EXP_SCALE / T. NaN when m is infinite or any x is NaN. */
export function rowRest(
  x: Float32Array,
  start: number,
  end: number,
  at: number,
  c: number,
  powers: Float64Array,
): number {
  const m = x[at]!;
  let rest = m - m;
  for (let i = start; i < at; i++) rest += exp((x[i]! - m) * c, powers);
  for (let i = at + 1; i < end; i++) rest += exp((x[i]! - m) * c, powers);
  return rest;
}

/** `rowRest` that also writes the exponentials to y, 1 at the maximum; y may be x. */
export function rowExpRest(
  x: Float32Array,
  y: Float32Array,
  start: number,
  end: number,
  at: number,
  c: number,
  powers: Float64Array,
): number {
  const m = x[at]!;
  let rest = m - m;
  for (let i = start; i < at; i++) {
    const e = exp((x[i]! - m) * c, powers);
    y[i] = e;
    rest += e;
  }
  y[at] = 1;
  for (let i = at + 1; i < end; i++) {
    const e = exp((x[i]! - m) * c, powers);
    y[i] = e;
    rest += e;
  }
  return rest;
}

/** y *= factor. */
export function rowScale(y: Float32Array, start: number, end: number, factor: number): void {
  for (let i = start; i < end; i++) y[i] = y[i]! * factor;
}

/** The log-sum-exp of a row whose maximum m is infinite or NaN: NaN if the row has one, else m. */
export function lseAtInfinity(x: Float32Array, start: number, end: number, m: number): number {
  return rowHasNaN(x, start, end) ? NaN : m;
}

function rowHasNaN(x: Float32Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (Number.isNaN(x[i]!)) return true;
  return false;
}
