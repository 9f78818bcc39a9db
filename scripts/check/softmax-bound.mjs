/**
 * From the measured error of e to a bound on softmax, the derivation of docs/accuracy-bounds.md in numbers.
 *
 * `profile`, in units of u = 2^-24: the largest relative error of e above (64 numbers) and below (64) the exact value,
 * by the 64th of the binade that e lies in. A lane sums e0 + e1 or (e0 + e1) + (e2 + e3) in float32, the rest in float64.
 */

/** A cell of the search is a 512th of a binade; below 2^-LEVELS one cell reaches down to 0. */
const PARTS = 512;
const LEVELS = 6;
const GRID = 512;

/** Half a unit in the last place of v, in units of u. */
function halfUlp(v) {
  return 2 ** Math.floor(Math.log2(v));
}

/** From the largest down. Errors scale with powers of two, so the largest e of a block may be taken to lie in [1, 2). */
function cells(profile) {
  const list = [];
  for (let level = 0; level >= -LEVELS; level--) {
    for (let part = PARTS - 1; part >= 0; part--) {
      const low = 2 ** level * (1 + part / PARTS);
      const high = 2 ** level * (1 + (part + 1) / PARTS);
      list.push({ low, high, error: profile[Math.floor((part * 64) / PARTS)] });
    }
  }
  return [...list, { low: 0, high: 2 ** -LEVELS, error: Math.max(...profile) }];
}

/**
 * True when no block is wrong by more than `limit`·u: the max of Σ (error_j − limit) e_j and the three half units in the
 * last place (one, with one addition) is then below 0. Each cell counts with its lower end, each rounding with the upper end of the sums.
 */
function holds(list, limit, additions) {
  const largest = new Float64Array(4 * GRID + 2).fill(-Infinity); // pairs that hold the block's largest e
  const any = new Float64Array(4 * GRID + 2).fill(-Infinity);
  any[0] = 0; // two zeros
  for (let i = 0; i < list.length; i++) {
    for (let j = i; j < list.length; j++) {
      const high = list[i].high + list[j].high;
      const value = (list[i].error - limit) * list[i].low + (list[j].error - limit) * list[j].low + halfUlp(high);
      const at = Math.ceil(high * GRID);
      if (value > any[at]) any[at] = value;
      if (i < PARTS && value > largest[at]) largest[at] = value;
    }
  }
  for (let a = 1; a < largest.length; a++) {
    if (largest[a] === -Infinity) continue;
    if (additions === 1) {
      if (largest[a] > 0) return false;
      continue;
    }
    for (let b = 0; b < any.length; b++) if (largest[a] + any[b] + halfUlp((a + b) / GRID) > 0) return false;
  }
  return true;
}

/** The relative error of a block's sum, in units of u, when each e's is at most `profile`. */
function blockBound(profile, additions) {
  if (additions === 0) return Math.max(...profile);
  const list = cells([...profile]);
  let low = 0;
  let high = Math.max(...profile) + additions + 0.5;
  while (high - low > 0.005) {
    const middle = (low + high) / 2;
    if (holds(list, middle, additions)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * All parts, and the bound that they make, in ULP of the result, y = e·f with f = 1/Σ rounded to float32.
 *
 * @param additions in f32 before the sum goes into f64: 0, 1 or 2
 */
export function softmaxBound(profile, additions) {
  const above = profile.slice(0, 64);
  const below = profile.slice(64);
  const sumAbove = blockBound(above, additions);
  const sumBelow = blockBound(below, additions);
  const largest = (errors) => errors.reduce((a, b) => Math.max(a, b), 0);
  // f is off by u / M_f, which is at most M_e/2 ULP of the result, whose mantissa is M_e·M_f or half of that: e and f
  // together, with M_e at the upper end of each 64th of the binade.
  const product = (errors) => largest(errors.map((error, b) => error + (1 + (b + 1) / 64) / 2));
  // The result is too large when e is and the sum is too small, and the other way round. Past a power of two that the
  // exact result is below, the spacing is 2: a rounding is 1.
  const inside = Math.max(product(above) + sumBelow, product(below) + sumAbove) + 0.5;
  const across = product(above) + sumBelow + 1;
  const text =
    `e within +${largest(above).toFixed(3)} and −${largest(below).toFixed(3)} · 2^-24, ` +
    `Σ within +${sumAbove.toFixed(3)} and −${sumBelow.toFixed(3)}, ` +
    `e and f together +${product(above).toFixed(3)} and −${product(below).toFixed(3)} ULP; ` +
    `softmax within ${inside.toFixed(2)} ULP, ${across.toFixed(2)} across a power of two`;
  return { most: Math.max(inside, across), text };
}
