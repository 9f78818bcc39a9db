/**
 * The order of a row's candidates: the larger first, equals (-0 and 0 are) by the lower index. Every stage keeps a prefix of
 * it, and none needs the whole order: the prefix is found by partitions around a candidate, as the k largest are by Hoare's
 * FIND, with weights in the place of counts. Nothing is sorted.
 */

/** Whether candidate a comes before b. */
export function precedes(values: Float64Array, a: number, b: number): boolean {
  const x = values[a]!;
  const y = values[b]!;
  return x > y || (x === y && a < b);
}

/**
 * Puts the shortest prefix whose weights sum to `goal` or more first, in any order.
 *
 * @param candidates indices, of which the first `count` count; at least one
 * @param values by index, none NaN
 * @param weights by index; null where each counts 1
 * @returns how many the prefix has, at least 1: all, where their sum does not come to the goal
 */
export function takePrefix(
  candidates: Int32Array,
  count: number,
  values: Float64Array,
  weights: Float64Array | null,
  goal: number,
): number {
  let from = 0;
  let to = count;
  let above = 0;
  // Any pivot will do for the result; chosen so, no order of the row is a bad one.
  let random = 1;
  while (to - from > 1) {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    const at = partition(candidates, values, from, to, from + (random % (to - from)));
    let mass = above;
    for (let i = from; i < at; i++) mass += weights === null ? 1 : weights[candidates[i]!]!;
    const withPivot = mass + (weights === null ? 1 : weights[candidates[at]!]!);
    if (mass >= goal) to = at;
    else if (withPivot >= goal) return at + 1;
    else {
      above = withPivot;
      from = at + 1;
    }
  }
  return Math.max(to, 1);
}

/** Those of [from, to) that precede the one at `pivot` before it, the others after it; where it then is. */
function partition(candidates: Int32Array, values: Float64Array, from: number, to: number, pivot: number): number {
  const last = to - 1;
  const chosen = candidates[pivot]!;
  candidates[pivot] = candidates[last]!;
  let at = from;
  for (let i = from; i < last; i++) {
    const candidate = candidates[i]!;
    if (!precedes(values, candidate, chosen)) continue;
    candidates[i] = candidates[at]!;
    candidates[at++] = candidate;
  }
  candidates[last] = candidates[at]!;
  candidates[at] = chosen;
  return at;
}
