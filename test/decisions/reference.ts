/**
 * The oracle of argmax, topK, sample and filterLogits: section 7 of the contract read aloud, in float64, sharing nothing with
 * src/: it sorts whole rows. A row here is a list of numbers; `takesPart` says which columns do.
 *
 * What sums decide (topP, the draw) comes with a margin: the distance of the closest sum from its goal, over the total. Where
 * that is no more than rounding, the next candidate is right, too.
 */
export type Row = ArrayLike<number>;

export interface SamplingOptions {
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  bias?: { ids: ArrayLike<number>; values: ArrayLike<number> };
  history?: ArrayLike<number>;
  prompt?: ArrayLike<number>;
  repetitionPenalty?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
}

type TakesPart = (column: number) => boolean;
const all: TakesPart = () => true;

function columns(row: Row, takesPart: TakesPart): number[] {
  return Array.from({ length: row.length }, (_, j) => j).filter(takesPart);
}

/** Largest first, equals by the lower index; -0 and 0 are equal, as < says. */
function byValue(values: Row): (a: number, b: number) => number {
  return (a, b) => (values[a] > values[b] ? -1 : values[a] < values[b] ? 1 : a - b);
}

export function argmax(row: Row, takesPart: TakesPart = all): number {
  const part = columns(row, takesPart);
  if (part.length === 0 || part.some((j) => Number.isNaN(row[j]))) return -1;
  return part.sort(byValue(row))[0];
}

/** The indices; -1 where fewer take part, and everywhere in a row with a NaN. */
export function topK(row: Row, k: number, takesPart: TakesPart = all): number[] {
  const part = columns(row, takesPart);
  if (part.some((j) => Number.isNaN(row[j]))) return new Array<number>(k).fill(-1);
  const sorted = part.sort(byValue(row));
  return Array.from({ length: k }, (_, i) => sorted[i] ?? -1);
}

export interface Filtered {
  /** Each v / T that is kept, -Infinity for the others; NaN everywhere for a row without a result. */
  logits: number[];
  /** v of all, before the division. */
  values: number[];
  kept: number[];
  /** Of topP's sums. */
  margin: number;
}

const counted = new WeakMap<object, Map<number, number>>();

function timesOf(ids: ArrayLike<number>): Map<number, number> {
  let times = counted.get(ids);
  if (times) return times;
  times = new Map<number, number>();
  for (const id of Array.from(ids)) times.set(id, (times.get(id) ?? 0) + 1);
  counted.set(ids, times);
  return times;
}

/** v of every column after bias and penalties. */
function adjusted(row: Row, takesPart: TakesPart, options: SamplingOptions): number[] {
  const { bias, history = [], prompt = [] } = options;
  const { repetitionPenalty = 1, frequencyPenalty = 0, presencePenalty = 0 } = options;
  const count = (ids: ArrayLike<number>, j: number) => timesOf(ids).get(j) ?? 0;
  return Array.from({ length: row.length }, (_, j) => {
    if (!takesPart(j) || row[j] === -Infinity) return -Infinity;
    let v = row[j];
    if (bias && timesOf(bias.ids).has(j)) {
      for (let i = 0; i < bias.ids.length; i++) if (bias.ids[i] === j) v += bias.values[i];
    }
    const times = count(history, j);
    if (times + count(prompt, j) > 0) v = v > 0 ? v / repetitionPenalty : v * repetitionPenalty;
    if (times > 0) v = v - frequencyPenalty * times - presencePenalty;
    return v;
  });
}

export function filterLogits(row: Row, options: SamplingOptions = {}, takesPart: TakesPart = all): Filtered {
  const { temperature: t = 1, topK: k = 0, topP = 1, minP = 0 } = options;
  const values = adjusted(row, takesPart, options);
  const none = { logits: values.map(() => NaN), values, kept: [], margin: Infinity };
  if (values.some((v) => Number.isNaN(v) || v === Infinity)) return none;
  let kept = columns(row, (j) => values[j] > -Infinity).sort(byValue(values));
  if (kept.length === 0) return none;
  const max = values[kept[0]];
  let margin = Infinity;
  if (t === 0) {
    kept = kept.slice(0, 1);
  } else {
    if (minP > 0) kept = kept.filter((j) => values[j] / t >= max / t + Math.log(minP));
    if (k > 0) kept = kept.slice(0, k);
    if (topP < 1) ({ kept, margin } = prefixOfMass(kept, weightsOf(values, kept, max, t), topP));
  }
  const isKept = new Set(kept);
  const logits = values.map((v, j) => (!isKept.has(j) ? -Infinity : t === 0 ? 0 : v / t));
  return { logits, values, kept, margin };
}

function weightsOf(values: Row, kept: number[], max: number, t: number): number[] {
  return kept.map((j) => (t === 0 ? 1 : Math.exp((values[j] - max) / t)));
}

/** The shortest prefix with sum ≥ topP of the distribution: the one that crosses is in it. */
function prefixOfMass(kept: number[], weights: number[], topP: number) {
  const goal = topP * sum(weights);
  let mass = 0;
  let margin = Infinity;
  let n = 0;
  while (n < kept.length && (n === 0 || mass < goal)) {
    mass += weights[n++];
    margin = Math.min(margin, Math.abs(mass - goal) / goal);
  }
  return { kept: kept.slice(0, n), margin };
}

function sum(values: number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

export interface Drawn {
  token: number;
  /** log of the distribution that it was drawn from. */
  filtered: number;
  /** The distribution, by column. */
  probs: number[];
  /** Of topP's sums and the draw's. */
  margin: number;
}

export function sample(
  row: Row,
  u: number,
  options: SamplingOptions = {},
  takesPart: TakesPart = all,
  filtered = filterLogits(row, options, takesPart),
): Drawn {
  const { temperature: t = 1 } = options;
  const { values, kept, margin: topPMargin } = filtered;
  if (kept.length === 0) {
    return { token: -1, filtered: NaN, probs: values.map(() => NaN), margin: topPMargin };
  }
  const inOrder = [...kept].sort((a, b) => a - b);
  const max = values[kept[0]];
  const weights = weightsOf(values, inOrder, max, t);
  const total = sum(weights);
  let mass = 0;
  let margin = topPMargin;
  let at = inOrder.length - 1;
  for (let i = 0; i < inOrder.length; i++) {
    mass += weights[i];
    if (weights[i] > 0) margin = Math.min(margin, Math.abs(mass - u * total) / total);
    if (mass > u * total && i < at) at = i;
  }
  const token = inOrder[at];
  const probs = values.map(() => 0);
  inOrder.forEach((j, i) => (probs[j] = weights[i] / total));
  return { token, filtered: logProb(values, kept, token, t), probs, margin };
}

/** log1p of all but the largest, so that an almost certain token keeps its digits. */
function logProb(values: Row, kept: number[], token: number, t: number): number {
  if (t === 0) return 0;
  const max = values[kept[0]];
  return (values[token] - max) / t - Math.log1p(sum(weightsOf(values, kept.slice(1), max, t)));
}
