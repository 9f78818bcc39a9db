import { keep, maxima } from './blocks';
import { bound, gather, keepFirst, list, takePrefix, weigh } from './candidates';
import { keepMost } from './counts';
import { keyOf, NOTHING, valueOf } from './keys';
import { keepMass } from './masses';
import { ALL, CANDIDATES, Scratch } from './scratch';

/** What is kept is told by: nothing is; the candidates, all that is kept; or `least` and `tie`. */
// @ts-ignore: decorator
@inline export const NONE: i32 = 0;
// @ts-ignore: decorator
@inline export const CHOSEN: i32 = 1;
// @ts-ignore: decorator
@inline export const ROW: i32 = 2;

/** The largest topK that candidates are for: what is dropped of them at a time is much more. */
// @ts-ignore: decorator
@inline export const MOST: u32 = CANDIDATES / 4;
/** Rows that are candidates as a whole. */
// @ts-ignore: decorator
@inline export const SHORT: u32 = CANDIDATES - 64;

/**
 * The stages of a row after its penalties: minP, topK and topP keep a prefix each of the order, largest first, equals by the
 * lower index. `topK` 0 is off, as is a topP of 1 and a logMinP of -Infinity.
 */
export function stage(s: Scratch, temperature: f64, topK: u32, topP: f64, logMinP: f64): i32 {
  if (!maxima(s) || !withAdjusted(s) || s.max == -Infinity || s.max == Infinity) return NONE;
  keep(s, NOTHING + 1, ALL);
  if (temperature == 0) {
    gather(s, keyOf(s.max), i64.MAX_VALUE, 1);
    if (s.count > 1) keepFew(s, 1);
    return CHOSEN;
  }
  s.scale = 1.4426950408889634 / temperature;
  const least = logMinP > -Infinity ? leastOf(s, temperature, logMinP) : NOTHING + 1;
  if (topK == 0 || topK > s.cols) topK = s.cols;
  if (isGathered(s, topK, least)) {
    if (s.count > topK) keepFew(s, topK);
    if (topP < 1) {
      const total = weigh(s);
      list(s);
      keepFirst(s, takePrefix(s, s.count, true, topP * total));
    }
    return CHOSEN;
  }
  keep(s, least, ALL);
  if (topK < s.cols) keepMost(s, topK);
  if (topP < 1) keepMass(s, topP);
  return ROW;
}

/** The largest of the adjusted ones, too; false where one is NaN or +Infinity. */
function withAdjusted(s: Scratch): bool {
  for (let i: u32 = 0; i < s.adjusted; i++) {
    const v = s.value(i);
    if (!(v < Infinity)) return false;
    if (v > s.max) s.max = v;
  }
  return true;
}

/** Whether all that the first stages keep are candidates, and few others. */
function isGathered(s: Scratch, topK: u32, least: i64): bool {
  if (topK <= MOST) {
    gather(s, bound(s, topK, least), i64.MAX_VALUE, topK);
    return true;
  }
  return (s.cols <= SHORT || least > NOTHING + 1) && gather(s, least, i64.MAX_VALUE, 0);
}

function keepFew(s: Scratch, k: u32): void {
  list(s);
  keepFirst(s, takePrefix(s, s.count, false, <f64>k));
}

/** The least key of a v with v / T ≥ max / T + log(minP), which rises with v: by halves, near where it must be. */
function leastOf(s: Scratch, temperature: f64, logMinP: f64): i64 {
  const bound = s.max / temperature + logMinP;
  const near = keyOf(bound * temperature);
  let low = near - 4;
  let high = near + 4;
  if (low <= NOTHING || valueOf(low) / temperature >= bound) low = NOTHING;
  if (high > keyOf(s.max) || !(valueOf(high) / temperature >= bound)) high = keyOf(s.max);
  while (high > low + 1) {
    const middle = (low & high) + ((low ^ high) >> 1);
    if (valueOf(middle) / temperature >= bound) high = middle;
    else low = middle;
  }
  return high;
}
