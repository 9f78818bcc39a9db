/**
 * 0 … count − 1 in an order that the seed alone decides (Fisher and Yates' shuffle).
 *
 * @param {number} count
 * @param {number} seed
 */
export function shuffled(count, seed) {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const random = mulberry32(seed);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/**
 * A small seeded generator of numbers in [0, 1): Tommy Ettinger's mulberry32, in the public domain.
 *
 * @param {number} state
 */
export function mulberry32(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
