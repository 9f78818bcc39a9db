import { expect } from 'vitest';
import * as inputs from '../inputs.js';
import { type Numbers, sum } from '../reference.js';
import { expectUlp } from '../ulp.js';

/**
 * What test/numerics/derivation.test.ts writes docs/derivation.md down with, and compares by. No second oracle: these are the
 * document's definitions, without the oracle's maximum, log1p and sums that leave one term out, so that the two ways to
 * each result check one another.
 */

export type Row = Float64Array;

/** Rows for the narrow and the wide kernels, with a class, a direction, a target of both signs and class weights. */
const ROWS = [1, 2, 3, 7, 70].map((cols) => ({
  cols,
  logits: inputs.normal(cols, 0.5, 1.5, cols),
  label: cols >> 1,
  u: inputs.normal(cols, 0.2, 1, cols + 100),
  soft: inputs.uniform(cols, -1, 2, cols + 200),
  classWeights: inputs.uniform(cols, 0.2, 2, cols + 300),
}));

export function everyRow(check: (row: (typeof ROWS)[number] & { x: Row; t: Row; labels: Int32Array }) => void): void {
  for (const row of ROWS) {
    check({
      ...row,
      x: Float64Array.from(row.logits),
      t: oneHot(row.cols, row.label),
      labels: Int32Array.of(row.label),
    });
  }
}

// The definitions as they stand in the document: nothing is subtracted, no sum collapses.

export const total = (x: Row): number => sum(x.map(Math.exp));

export function softmax(x: Row): Row {
  const s = total(x);
  return x.map((v) => Math.exp(v) / s);
}

export const logSoftmax = (x: Row): Row => softmax(x).map(Math.log);
export const logSumExp = (x: Row): number => Math.log(total(x));
export const entropy = (x: Row): number => sum(softmax(x).map((a) => -a * Math.log(a)));
export const crossEntropy = (x: Row, t: Numbers): number => -dot(t, logSoftmax(x));

export const oneHot = (cols: number, label: number): Row => new Float64Array(cols).fill(1, label, label + 1);
export const dot = (a: Numbers, b: Numbers): number => sum(Array.from(a, (v, k) => v * b[k]));
export const size = (a: Numbers): number => sum(Array.from(a, Math.abs));
export const delta = (i: number, j: number): number => (i === j ? 1 : 0);

/** A power of two: x ± h is exact for these logits. */
const h = 2 ** -14;

interface Slopes {
  /** Bounds |∂³f/∂x_j³|: default that of c + b·σ(x_j − d), |b| ≤ 1, which a_i, log a_i and log S are, and less. */
  third?: number;
  /** Bounds the terms of f, of which each is within (n + 8) 2^-52: exponentials, their sum, a quotient, a logarithm. */
  terms?: number;
  /** The places that the formula is about. */
  where?: (i: number, j: number) => boolean;
}

/** formula(i, j) = ∂f_i/∂x_j by central differences, which are off by |∂³f|·h²/6 and the rounding of f over h. */
export function expectSlopes(
  f: (x: Row) => Numbers,
  x: Row,
  formula: (i: number, j: number) => number,
  { third = 1 / 8, terms = 1 + Math.max(...Array.from(f(x), Math.abs)), where = () => true }: Slopes = {},
): void {
  const bound = (third * h ** 2) / 6 + ((x.length + 8) * 2 ** -52 * terms) / h;
  // Finer than a float32's rounding, so not only large mistakes are seen.
  expect(bound).toBeLessThan(2 ** -24 * Math.max(1, third, terms));
  for (let j = 0; j < x.length; j++) {
    const at = (step: number) => f(x.map((v, k) => (k === j ? v + step : v)));
    const [ahead, behind] = [at(h), at(-h)];
    for (let i = 0; i < ahead.length; i++) {
      if (!where(i, j)) continue;
      const slope = (ahead[i] - behind[i]) / (2 * h);
      if (Math.abs(slope - formula(i, j)) <= bound) continue;
      expect.fail(`∂f_${i}/∂x_${j}: the formula gives ${formula(i, j)}, the definition ${slope} ± ${bound}`);
    }
  }
}

/** Within 6 ULP of the formula's value, or of the sum of the absolute values of its terms where those are given. */
export function expectComputed(got: Numbers, formula: Numbers, terms?: Numbers): void {
  const values = Float64Array.from(formula);
  expectUlp(got, { values, flushed: values, ...(terms && { magnitudes: Float64Array.from(terms) }) }, 6);
}

export const jacobianOf = (a: Row) => (i: number, j: number) => a[i] * (delta(i, j) - a[j]);

/** f(i, j) of every place, row by row. */
export const square = (n: number, f: (i: number, j: number) => number): number[] =>
  Array.from({ length: n * n }, (_, at) => f(Math.floor(at / n), at % n));

/** a Στ − τ */
export const gradient = (a: Row, tau: Numbers): Row => a.map((v, j) => v * sum(tau) - tau[j]);

export const gradientTerms = (a: Row, tau: Numbers): Row => a.map((v, j) => v * size(tau) + Math.abs(tau[j]));

/** The gradient formula for targets τ against the definition of the loss, and the function against the formula. */
export function expectGradient(x: Row, tau: Numbers, dlogits: Numbers): void {
  const values = gradient(softmax(x), tau);
  expectSlopes(
    (y) => [crossEntropy(y, tau)],
    x,
    (_, j) => values[j],
    { third: size(tau) / 8, terms: 1 + dot(Array.from(tau, Math.abs), logSoftmax(x).map(Math.abs)) },
  );
  expectComputed(dlogits, values, gradientTerms(softmax(x), tau));
}
