import type { SamplingSettings } from '../ops/sampling.js';
import type { IntegerArray } from '../types.js';
import type { Adjusted } from './records.js';

/** Whether bias or penalties touch any id. */
export function touches({ bias, ...settings }: SamplingSettings): boolean {
  return bias !== null || penalises(settings);
}

function penalises(settings: Omit<SamplingSettings, 'bias'>): boolean {
  const { repetitionPenalty, frequencyPenalty, presencePenalty } = settings;
  return repetitionPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0;
}

/**
 * The ids of a row that bias and penalties touch, ascending, and their values v in float64:
 *
 *   v = x + bias, added in the order of its ids
 *   v > 0 ? v / r : v · r, once for each id of history or prompt
 *   v − f · count − p for each id of history, of which there are `count`
 *
 * What is -Infinity in the row stays so.
 */
export function adjustedOf(
  x: (column: number) => number,
  cols: number,
  settings: SamplingSettings,
  history: IntegerArray | null,
  prompt: IntegerArray | null,
): Adjusted {
  const { bias, repetitionPenalty, frequencyPenalty, presencePenalty } = settings;
  const isPenalised = penalises(settings);
  const past = isPenalised && history !== null ? history : [];
  const before = isPenalised && prompt !== null ? prompt : [];
  const ids = distinct([bias?.ids ?? [], past, before], cols);
  const values = Float64Array.from(ids, x);
  const raw = values.slice();
  if (bias !== null) bias.ids.forEach((id, i) => (values[find(ids, id)]! += bias.values[i]!));
  const counts = new Uint32Array(ids.length);
  const isRepeated = new Uint8Array(ids.length);
  for (const id of before) isRepeated[find(ids, Number(id))] = 1;
  for (const id of past) {
    const at = find(ids, Number(id));
    isRepeated[at] = 1;
    counts[at]!++;
  }
  ids.forEach((_, at) => {
    let v = values[at]!;
    if (isRepeated[at] === 1) v = v > 0 ? v / repetitionPenalty : v * repetitionPenalty;
    const count = counts[at]!;
    if (count > 0) v = v - frequencyPenalty * count - presencePenalty;
    values[at] = raw[at] === -Infinity ? -Infinity : v;
  });
  return { ids, values };
}

/**
 * All of some lists, ascending, each once. They were checked; what another thread has made of an id since is left out: kernels
 * write at each.
 */
function distinct(lists: readonly ArrayLike<number | bigint>[], cols: number): Int32Array {
  const all = new Int32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let to = 0;
  for (const list of lists) for (let i = 0; i < list.length; i++) all[to++] = Number(list[i]);
  all.sort();
  let kept = 0;
  for (let i = 0; i < all.length; i++) {
    const id = all[i]!;
    if (id >= 0 && id < cols && (kept === 0 || id !== all[kept - 1])) all[kept++] = id;
  }
  return all.subarray(0, kept);
}

/** Where an id is. */
function find(ids: Int32Array, id: number): number {
  let low = 0;
  let high = ids.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ids[middle]! < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
