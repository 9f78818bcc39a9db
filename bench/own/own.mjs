import { surroundings } from '../record.mjs';
import { output } from '../runtimes/node.mjs';
import { sizes } from './size.mjs';

/** Figures that have no peer: each in fresh processes of one Node. */

const STARTS = 15;
const TIER_UPS = 5;

/** @param {string} node @param {(label: string) => void} told */
export function measureOwn(node, told) {
  const run = (...args) => JSON.parse(output(node, args));
  told('cold start');
  const starts = Array.from({ length: STARTS }, () => run('bench/own/cold-start.mjs'));
  told('optimising compiler');
  const tierUps = Array.from({ length: TIER_UPS }, () => run('bench/own/tier-up.mjs'));
  const optimised = run('--no-liftoff', 'bench/own/tier-up.mjs');
  told('small call');
  const tiers = ['relaxed', 'simd', 'scalar'].map((tier) => [
    tier,
    attempt(() => run('bench/own/small-call.mjs', tier)),
  ]);
  return {
    commit: surroundings().commit,
    coldStart: {
      importMs: minAndMedian(starts.map(({ importMs }) => importMs)),
      firstMs: minAndMedian(starts.map(({ firstMs }) => firstMs)),
      totalMs: minAndMedian(starts.map(({ totalMs }) => totalMs)),
    },
    tierUp: {
      firstUs: minAndMedian(tierUps.map(({ firstUs }) => firstUs)),
      settledUs: minAndMedian(tierUps.map(({ settledUs }) => settledUs)),
      calls: minAndMedian(tierUps.map(({ calls }) => calls)),
      ms: minAndMedian(tierUps.map(({ ms }) => ms)),
      optimisedUs: optimised.settledUs,
    },
    smallCall: Object.fromEntries(tiers.filter(([, timing]) => timing !== null)),
    sizes: sizes(),
  };
}

/** A tier that this Node lacks. */
function attempt(measure) {
  try {
    return measure();
  } catch {
    return null;
  }
}

/** @param {number[]} values */
function minAndMedian(values) {
  const sorted = values.sort((a, b) => a - b);
  return { min: sorted[0], p50: sorted[sorted.length >> 1] };
}
