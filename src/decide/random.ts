/**
 * The generator of `sample`: Philox4x32-10 of J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3" (SC11, https://doi.org/10.1145/2063384.2063405). It is counter-based: a number is a function of
 * its key and counter, so that rows may be drawn in any order, on any thread.
 *
 *   key      the seed: its low 32 bits, its high 21
 *   counter  the step likewise, the stream, 0
 *
 * docs/sampling.md has test vectors.
 */

const ROUNDS = 10;
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
/** The golden ratio and √3 − 1, which the key grows by each round. */
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** The high 32 bits of the product of two uint32. */
function mulHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const low = a0 * b1 + (middle & 0xffff);
  // Each of the three is below 2^32, so that nothing is lost.
  return (a1 * b1 + Math.floor(middle / 65536) + (low >>> 16)) >>> 0;
}

/** Four uint32 of a counter of four and a key of two. */
export function philox(counter: readonly number[], key: readonly number[]): number[] {
  let [c0, c1, c2, c3] = counter as [number, number, number, number];
  let [k0, k1] = key as [number, number];
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = mulHigh(M0, c0);
    const high1 = mulHigh(M1, c2);
    const low0 = Math.imul(M0, c0) >>> 0;
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

const low = (n: number) => n % 2 ** 32;
const high = (n: number) => Math.floor(n / 2 ** 32);

/** The u of a draw, in [0, 1): 53 bits, those of two words' leading 27 and 26. `stream` is any int32. */
export function uniformOf(seed: number, step: number, stream: number): number {
  const [a, b] = philox([low(step), high(step), stream >>> 0, 0], [low(seed), high(seed)]) as [number, number];
  return ((a >>> 5) * 2 ** 26 + (b >>> 6)) / 2 ** 53;
}

/** A seed that nobody knows. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 53);
}
