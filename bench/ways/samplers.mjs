/**
 * The samplers that people write, made as fast as they get, over any of temperature, minP, topK and topP. Each gives what it
 * keeps of a row, the largest first, and `draw` a token of that.
 *
 * @typedef {{ temperature?: number, minP?: number, topK?: number, topP?: number }} Sampling
 * @typedef {{ ids: ArrayLike<number>, values: ArrayLike<number>, count: number }} Largest logits, the largest first
 * @typedef {{ ids: number[], weights: number[], total: number }} Kept weights are not divided by their total
 */

/** @param {Kept} kept @param {number} u in [0, 1) */
export function draw({ ids, weights, total }, u) {
  let rest = u * total;
  for (let i = 0; i < ids.length - 1; i++) if ((rest -= weights[i]) < 0) return ids[i];
  return ids[ids.length - 1];
}

/** A heap over two typed arrays: of the k smallest so far with topK, else of all, from which the largest are taken one by one. */
export function withHeap(x, sampling) {
  if (sampling.topK > 0) return keep(largestOf(x, sampling.topK), sampling);
  const heap = { values: Float32Array.from(x, (v) => -v), ids: Int32Array.from(x, (_, i) => i), count: x.length };
  for (let i = (x.length >> 1) - 1; i >= 0; i--) sink(heap.values, heap.ids, i, heap.count);
  return keepNext(() => pop(heap), weightOfAll(x, sampling), sampling);
}

/** Sorts the row's numbers alone, then looks for those that reach the k-th. */
export function withTypedSort(x, sampling) {
  const sorted = x.slice().sort();
  const { topK: k = bound(sorted, weightOfAll(x, sampling), sampling) } = sampling;
  const least = sorted[x.length - k];
  const ids = [];
  for (let i = 0; i < x.length; i++) if (x[i] >= least) ids.push(i);
  ids.sort((a, b) => x[b] - x[a] || a - b);
  const topP = sampling.topK > 0 ? sampling.topP : 1;
  return keep({ ids, values: ids.map((i) => x[i]), count: k }, { ...sampling, topP });
}

/** An object an element, as most programs have it. */
export function withObjectSort(x, sampling) {
  const sorted = Array.from(x, (value, id) => ({ id, value })).sort((a, b) => b.value - a.value);
  const { topK: k = x.length } = sampling;
  const top = sorted.slice(0, k);
  return keep({ ids: top.map(({ id }) => id), values: top.map(({ value }) => value), count: k }, sampling);
}

/** minP, then topP, of the k largest. @param {Largest} largest @param {Sampling} sampling @returns {Kept} */
export function keep({ ids, values, count }, sampling) {
  const { temperature = 1, minP = 0 } = sampling;
  const all = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const weight = Math.exp((values[i] - values[0]) / temperature);
    if (weight < minP) break;
    all.push(weight);
    total += weight;
  }
  let i = 0;
  return keepNext(() => ({ id: ids[i], value: values[i++] }), { total, count: all.length }, sampling);
}

/** topP of what comes, the largest first. */
function keepNext(next, { total, count }, { temperature = 1, topP = 1 }) {
  const [ids, weights] = [[], []];
  let [sum, largest] = [0, 0];
  while (ids.length < count && (topP === 1 || sum < topP * total)) {
    const { id, value } = next();
    if (ids.length === 0) largest = value;
    const weight = Math.exp((value - largest) / temperature);
    ids.push(id);
    weights.push(weight);
    sum += weight;
  }
  return { ids, weights, total: sum };
}

function weightOfAll(x, { temperature = 1 }) {
  let largest = -Infinity;
  for (let i = 0; i < x.length; i++) if (x[i] > largest) largest = x[i];
  let total = 0;
  for (let i = 0; i < x.length; i++) total += Math.exp((x[i] - largest) / temperature);
  return { total, count: x.length };
}

/** How many of the largest have a part of topP. */
function bound(sorted, { total }, { temperature = 1, topP = 1 }) {
  const n = sorted.length;
  let [k, sum] = [0, 0];
  while (k < n && sum < topP * total) sum += Math.exp((sorted[n - 1 - k++] - sorted[n - 1]) / temperature);
  return k;
}

/**
 * The k largest of a row. Nearly all elements are compared with the least of them and no more: eight at once, as integers, in
 * whose order floats are from 0 on. That takes 60 µs for 128,256 elements where one float after the other takes 140.
 *
 * @returns {Largest}
 */
export function largestOf(x, k) {
  const values = x.slice(0, k);
  const ids = Int32Array.from(values, (_, i) => i);
  for (let i = (k >> 1) - 1; i >= 0; i--) sink(values, ids, i, k);
  const bits = new Int32Array(x.buffer, x.byteOffset, x.length);
  const leastBits = new Int32Array(values.buffer, values.byteOffset, 1);
  let i = k;
  for (; i + 8 <= x.length; i += 8) {
    const least = leastBits[0];
    if (least < 0 || exceeds(bits, i, least)) offer(x, i, i + 8, values, ids);
  }
  offer(x, i, x.length, values, ids);
  const order = Array.from(ids, (_, at) => at).sort((a, b) => values[b] - values[a] || ids[a] - ids[b]);
  return { ids: order.map((at) => ids[at]), values: order.map((at) => values[at]), count: k };
}

function exceeds(w, i, least) {
  return (
    w[i] > least ||
    w[i + 1] > least ||
    w[i + 2] > least ||
    w[i + 3] > least ||
    w[i + 4] > least ||
    w[i + 5] > least ||
    w[i + 6] > least ||
    w[i + 7] > least
  );
}

function offer(x, begin, end, values, ids) {
  for (let i = begin; i < end; i++) {
    if (!(x[i] > values[0])) continue;
    values[0] = x[i];
    ids[0] = i;
    sink(values, ids, 0, values.length);
  }
}

/** The root is the least; of equals, the one with the higher id, which goes first. */
function sink(values, ids, at, count) {
  const value = values[at];
  const id = ids[at];
  for (;;) {
    let child = 2 * at + 1;
    if (child >= count) break;
    const right = child + 1;
    if (
      right < count &&
      (values[right] < values[child] || (values[right] === values[child] && ids[right] > ids[child]))
    )
      child = right;
    if (values[child] > value || (values[child] === value && ids[child] < id)) break;
    values[at] = values[child];
    ids[at] = ids[child];
    at = child;
  }
  values[at] = value;
  ids[at] = id;
}

/** Takes the root of negated values, the largest. */
function pop(heap) {
  const [value, id] = [-heap.values[0], heap.ids[0]];
  heap.count--;
  heap.values[0] = heap.values[heap.count];
  heap.ids[0] = heap.ids[heap.count];
  sink(heap.values, heap.ids, 0, heap.count);
  return { id, value };
}
