/**
 * Results are compared before anything is timed. It is no measure of accuracy (that is docs/accuracy.md): it only tells a
 * right answer from a wrong one.
 */

/** Largest difference allowed, over the larger of the exact value and its row's mean magnitude … */
export const TOLERANCE = 1e-3;
/** … and over the magnitude of the terms that may cancel, as in a − 1: sixteen roundings of float32. */
export const CANCELLED = 1e-6;

/**
 * @param {ArrayLike<number>[]} got
 * @param {ArrayLike<number>[]} want
 * @param {number} cols
 * @param {number} unit the magnitude of terms that may cancel, or 0
 * @returns {string | null} what is wrong, or null
 */
export function disagreement(got, want, cols, unit) {
  if (got.length !== want.length) return `${got.length} outputs instead of ${want.length}`;
  for (let k = 0; k < want.length; k++) {
    const [g, w] = [got[k], want[k]];
    if (g.length !== w.length) return `${g.length} elements instead of ${w.length}`;
    const width = w.length % cols === 0 ? cols : 1;
    for (let start = 0; start < w.length; start += width) {
      let mean = 0;
      for (let i = start; i < start + width; i++) mean += Math.abs(w[i]) / width;
      for (let i = start; i < start + width; i++) {
        const scale = Math.max(Math.abs(w[i]), mean);
        if (!(Math.abs(g[i] - w[i]) <= TOLERANCE * scale + CANCELLED * unit))
          return `${g[i]} instead of ${w[i]} at ${i}`;
      }
    }
  }
  return null;
}
