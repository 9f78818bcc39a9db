import { bytesOf, opOf } from '../ops.mjs';
import { shapeOf } from '../shapes.mjs';

/** Figures out of a record: ns per element, GB/s, ratios. An element is one input logit (or probability). */

/** @typedef {import('../record.mjs').Record} Record @typedef {import('../suite/suite.mjs').Result} Result */

/** @param {Record} record @param {string} op @param {string} shape @param {string} subject @returns {Result | undefined} */
export function find({ results }, op, shape, subject) {
  return results.find((r) => r.op === op && r.shape === shape && r.subject === subject);
}

/** ns per element. @param {Result} result @param {'min' | 'p50'} [which] */
export function perElement({ shape, ...timing }, which = 'min') {
  const { rows, cols } = shapeOf(shape);
  return timing[which] / (rows * cols);
}

/** GB/s of what must be read and written at least once, at the minimum. @param {Result} result */
export function gigabytes({ op, shape, min }) {
  const { rows, cols } = shapeOf(shape);
  return bytesOf(opOf(op), rows, cols) / min;
}

/** The ratio of the minima of two subjects of one case, which ran in turns. @returns {number | null} */
export function ratio(record, op, shape, subject, peer) {
  const [a, b] = [find(record, op, shape, subject), find(record, op, shape, peer)];
  return a?.min === undefined || b?.min === undefined ? null : a.min / b.min;
}

/** @param {Record} record @param {string} op */
export function shapesOf({ results }, op) {
  return [...new Set(results.filter((r) => r.op === op).map((r) => r.shape))];
}

/** The fastest tier of ours that was measured, and beside which peers stand. @param {{ results: Result[] }} record */
export function fastestTier({ results }) {
  const tiers = ['relaxed', 'simd', 'scalar'];
  return tiers.find((tier) => results.some((r) => r.subject.startsWith(`${tier} `) && r.min !== undefined)) ?? 'scalar';
}

/** Three figures. @param {number} v */
export function three(v) {
  if (v >= 1000) return Math.round(v).toLocaleString('en');
  return v >= 100 ? v.toFixed(0) : v >= 10 ? v.toFixed(1) : v >= 0.995 ? v.toFixed(2) : v.toFixed(3);
}

/** A ratio. @param {number | null} v */
export function times(v) {
  if (v === null) return '-';
  return `${v >= 100 ? Math.round(v).toLocaleString('en') : v >= 10 ? v.toFixed(1) : v.toFixed(v < 0.1 ? 3 : 2)}×`;
}

/** A time with its unit. @param {number} ns */
export function duration(ns) {
  if (ns < 1e3) return `${three(ns)} ns`;
  if (ns < 1e6) return `${three(ns / 1e3)} µs`;
  return ns < 1e9 ? `${three(ns / 1e6)} ms` : `${three(ns / 1e9)} s`;
}
