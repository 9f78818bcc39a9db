/** Seeded numbers: the same on every run, for every implementation and on every runtime. */

/** N(mu, sigma²) by Box and Muller. @param {number} length @param {number} mu @param {number} sigma @param {number} seed */
export function normal(length, mu, sigma, seed) {
  const next = random(seed);
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    values[i] = mu + sigma * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  }
  return values;
}

/** Uniform in [0, 1): mulberry32 (Tommy Ettinger, public domain). @param {number} seed */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
