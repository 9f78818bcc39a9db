import { find, ratio } from './figures.mjs';

/**
 * Whether ratios of this package to its peers got worse than the committed ones. Times of two runs say nothing of each
 * other, ratios of subjects that ran in turns do. Of several rounds the best time of either side counts, as noise only
 * ever adds: the best ratio would be one in which the peer was disturbed.
 *
 * @typedef {{ op: string, shape: string, subject: string, peer: string }} Pair
 * @typedef {Pair & { was: number, best: number, spread: number, worse: boolean }} Verdict
 *   spread: the worst round's ratio over the best one's, less 1
 */

/** A ratio that grew by more than this fails. */
export const LIMIT = 1.15;
/** Another CPU or another major of the runtime has other ratios: only a gross change says something there. */
export const LIMIT_ELSEWHERE = 1.6;

/**
 * @param {import('../record.mjs').Record} committed
 * @param {import('../record.mjs').Record[]} rounds
 * @param {Pair[]} pairs
 * @param {number} limit
 * @returns {{ verdicts: Verdict[], missing: Pair[] }}
 */
export function regressions(committed, rounds, pairs, limit) {
  const verdicts = [];
  const missing = [];
  for (const pair of pairs) {
    const of = (/** @type {any} */ record) => ratio(record, pair.op, pair.shape, pair.subject, pair.peer);
    const was = of(committed);
    const now = rounds.map(of).filter((v) => v !== null);
    if (was === null || now.length === 0) {
      missing.push(pair);
      continue;
    }
    const fastest = (/** @type {string} */ subject) => {
      return Math.min(...rounds.map((record) => find(record, pair.op, pair.shape, subject)?.min ?? Infinity));
    };
    const best = fastest(pair.subject) / fastest(pair.peer);
    const spread = Math.max(...now) / Math.min(...now) - 1;
    verdicts.push({ ...pair, was, best, spread, worse: best > limit * was });
  }
  return { verdicts, missing };
}

/** What makes the ratios of a machine and runtime those of another, or null. @param {any} committed @param {any} here */
export function difference(committed, here) {
  const major = (/** @type {any} */ { runtime }) => runtime.version.split('.')[0];
  if (committed.cpu !== here.cpu) return `the committed results are of ${committed.cpu}, this is ${here.cpu}`;
  if (major(committed) !== major(here)) return `the committed results are of ${committed.runtime.name}`;
  return null;
}
