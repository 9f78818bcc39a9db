import { keep } from './blocks';
import { bound, gather, limitOf, list, takePrefix, weigh } from './candidates';
import { nthTie } from './counts';
import { weightOf } from './exp';
import { keyOf, reaching, valueOf } from './keys';
import { BAND, CANDIDATES, Scratch } from './scratch';
import { adjustedMass, countAdjusted, shuffles, weighBand, weighBetween, Weighed, weighRow } from './weigh';

/**
 * topP of a row of which more is kept than there is room for. A sample says between which two keys the sum crosses its goal,
 * most likely; one pass over the row weighs what is above, and takes out what is between; that is narrowed in the same way
 * until a few are left. Where samples mislead, halves between the two keys serve.
 */

/** Columns of a sample, adjusted ones of it, and bins that the large values reach. */
// @ts-ignore: decorator
@inline const SAMPLED: u32 = CANDIDATES / 2;
// @ts-ignore: decorator
@inline const ADJUSTED: u32 = CANDIDATES / 8;
// @ts-ignore: decorator
@inline const TOP: u32 = CANDIDATES / 4;
/** Few enough to be gathered. */
// @ts-ignore: decorator
@inline const FEW: u32 = CANDIDATES / 2;
/** Samples that are taken before halves must do. */
// @ts-ignore: decorator
@inline const TRIES: u32 = 8;

/** Where the sum crosses its goal: at a key from `low` on, below `high`. */
@unmanaged
export class Crossing {
  low: i64;
  high: i64;
  /** What weighs `high` and above, and what is between the two. */
  above: f64;
  between: f64;
  /** Of all that is kept. */
  total: f64;
  goal: f64;
  /** The least key whose sums by groups of the row are known. */
  summed: i64;
  /** At most so many are between. */
  count: u32;
  /** Those of the row are in the band. */
  inBand: bool;
}

/** Of what is kept leaves the shortest prefix with p of the sum. */
export function keepMass(s: Scratch, p: f64): void {
  const c = changetype<Crossing>(s.crossing);
  c.low = s.least;
  c.high = keyOf(s.max) + 1;
  c.above = 0;
  c.total = 0;
  c.count = s.cols;
  c.inBand = false;
  shuffles(s);
  for (let i: u32 = 0; i < TRIES && c.count > FEW && c.high > c.low + 1; i++) if (!narrow(s, c, p)) break;
  if (!c.total) split(s, c, c.low, c.high, p);
  while (!gather(s, c.low, c.high, 0)) {
    if (c.high == c.low + 1) {
      keepTies(s, c);
      return;
    }
    const middle = (c.low & c.high) + ((c.low ^ c.high) >> 1);
    c.inBand = false;
    split(s, c, middle, middle, p);
  }
  weigh(s);
  list(s);
  limitOf(s, takePrefix(s, s.count, true, c.goal - c.above));
}

/** All between are of one value. */
function keepTies(s: Scratch, c: Crossing): void {
  const n = ceil((c.goal - c.above) / weightOf(s, valueOf(c.low)));
  const tie = nthTie(s, c.low, <u32>max<f64>(1, min<f64>(n, <f64>s.cols)));
  // A limit on ties that there is already is one of the least value kept.
  keep(s, c.low, c.low == s.least ? min(tie, s.tie) : tie);
}

/** Narrows by a sample; false where that tells too little. */
function narrow(s: Scratch, c: Crossing, p: f64): bool {
  s.count = 0;
  let below = c.high;
  let exact: f64 = 0;
  if (!c.total) {
    // A few large values may be most of the sum: those are no sample.
    const from = bound(s, TOP, c.low);
    if (!gather(s, from, c.high, 0)) s.count = 0;
    else below = from;
    exact = weigh(s);
    c.low = max(c.low, negligible(s, (1 - p) * max<f64>(1, exact)));
  }
  const squares = sample(s, c, below);
  const n = s.count;
  if (n < 16) return false;
  let mass: f64 = 0;
  for (let i: u32 = 0; i < n; i++) mass += s.weight(i);
  const share = c.total ? (c.goal - c.above) / c.between : p;
  // Three standard deviations of the share that the sample has above a key.
  const d = (3 * sqrt(squares * max<f64>(share * (1 - share), 0.01))) / mass + 0.001;
  list(s);
  let a = c.low;
  let b = c.high;
  if (share + d < 1) a = max(a, keyAt(s, n, (share + d) * mass));
  if (share - d > 0) b = min(b, keyAt(s, n, (share - d) * mass) + 1);
  if (a >= b) a = b - 1;
  split(s, c, max(a, c.low), b, p);
  return true;
}

/** A key below which nothing comes to the n-th part of a mass: all of it together is less. */
function negligible(s: Scratch, mass: f64): i64 {
  const bits = reinterpret<u64>(mass / <f64>s.cols);
  const exponent = <f64>(<i32>(bits >> 52) - 1024);
  return keyOf(s.max + exponent / s.scale);
}

/** The key at which the sum of the sample comes to a goal. */
function keyAt(s: Scratch, n: u32, goal: f64): i64 {
  return keyOf(s.score(s.ordered(takePrefix(s, n, true, goal) - 1)));
}

/**
 * Values of evenly spaced columns, or of the band, and of the adjusted ones, that lie in [low, below), as candidates that
 * weigh what they stand for. Returns the sum of the squares.
 */
function sample(s: Scratch, c: Crossing, below: i64): f64 {
  const from = c.inBand ? s.values32 : s.x;
  const n = c.inBand ? s.band : s.cols;
  const step = max(1, (n + SAMPLED - 1) / SAMPLED);
  let squares: f64 = 0;
  for (let i: u32 = 0; i < n; i += step) squares += take(s, c, <f64>load<f32>(from + ((<usize>i) << 2)), below, step);
  const stride = max(1, (s.adjusted + ADJUSTED - 1) / ADJUSTED);
  for (let i: u32 = 0; i < s.adjusted; i += stride) squares += take(s, c, s.value(i), below, stride);
  return squares;
}

function take(s: Scratch, c: Crossing, v: f64, below: i64, step: u32): f64 {
  const key = keyOf(v);
  if (s.count == CANDIDATES || key < c.low || key >= below) return 0;
  const e = weightOf(s, v) * <f64>step;
  const at = (<usize>s.count) << 3;
  store<f64>(s.scores + at, v);
  store<f64>(s.weights + at, e);
  s.count++;
  return step > 1 ? e * e : 0;
}

/** Weighs what is b and above, and what is from a to b, and moves low and high to where the sum crosses. */
function split(s: Scratch, c: Crossing, a: i64, b: i64, p: f64): void {
  const f = changetype<Weighed>(s.weighed);
  if (c.inBand) weighBand(s, reaching(a), reaching(b), f);
  else if (c.total == 0) weighFirst(s, c, a, b, p, f);
  else weighBetween(s, reaching(c.low), reaching(c.high), reaching(a), reaching(b), f);
  const above = c.above + f.above + adjustedMass(s, b, c.high);
  const upToA = c.above + f.upToA + adjustedMass(s, a, c.high);
  const before = c.above + c.between;
  // A pass over the row adds to the sums by groups what is from b to high.
  if (!c.inBand) c.summed = c.summed == c.high && above < c.goal ? b : i64.MIN_VALUE;
  c.inBand = false;
  if (above >= c.goal) {
    c.low = b;
    c.between = above - c.above;
    return;
  }
  if (upToA < c.goal) {
    c.high = a;
    c.above = upToA;
    c.between = before - upToA;
    return;
  }
  c.low = a;
  c.high = b;
  c.above = above;
  c.between = upToA - above;
  c.count = s.band + countAdjusted(s, a, b);
  c.inBand = s.band <= BAND;
}

/** The first pass, which weighs all. */
function weighFirst(s: Scratch, c: Crossing, a: i64, b: i64, p: f64, f: Weighed): void {
  weighRow(s, reaching(a), reaching(b), f);
  c.total = f.all + adjustedMass(s, s.least, i64.MAX_VALUE);
  c.between = c.total;
  c.goal = p * c.total;
  c.summed = c.high;
}
