import { describe, expect, it } from 'vitest';
import { philox, uniformOf } from '../../src/decide/random.js';

/** Of Random123's file kat_vectors, philox4x32 with 10 rounds: counter, key, result. */
const KNOWN = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
] as const;

/** docs/sampling.md has the same: seed, step, stream, u. */
const UNIFORMS = [
  [0, 0, 0, 0.39904647231489565],
  [1, 0, 0, 0.8902591757080309],
  [0, 1, 0, 0.9722412032044762],
  [0, 0, 1, 0.5166791672979152],
  [42, 7, 3, 0.3969566129965354],
  [1234567890123, 987654321098, 2147483647, 0.03174874415403284],
  [2 ** 53 - 1, 2 ** 53 - 1, -1, 0.715178070669738],
] as const;

describe('the generator', () => {
  it.each(KNOWN)('gives what is published of %j and %j', (counter, key, result) => {
    expect(philox(counter, key)).toEqual(result);
  });

  it.each(UNIFORMS)('gives u of seed %d, step %d, stream %d', (seed, step, stream, u) => {
    expect(uniformOf(seed, step, stream)).toBe(u);
  });

  it('uses every bit of seed, step and stream', () => {
    const seen = new Set([uniformOf(0, 0, 0)]);
    for (let bit = 0; bit < 53; bit++) seen.add(uniformOf(2 ** bit, 0, 0)).add(uniformOf(0, 2 ** bit, 0));
    for (let bit = 0; bit < 32; bit++) seen.add(uniformOf(0, 0, 1 << bit));
    expect(seen.size).toBe(1 + 53 + 53 + 32);
  });

  it('is uniform: chi-square of 100 cells, over streams, steps and seeds', () => {
    const draws = 50_000;
    for (const of of [(i: number) => [7, 3, i], (i: number) => [7, i, 3], (i: number) => [i, 7, 3]]) {
      const cells = new Array<number>(100).fill(0);
      for (let i = 0; i < draws; i++) {
        const [seed, step, stream] = of(i) as [number, number, number];
        const u = uniformOf(seed, step, stream);
        expect(u >= 0 && u < 1).toBe(true);
        cells[Math.floor(100 * u)]++;
      }
      const chi = cells.reduce((sum, n) => sum + (n - draws / 100) ** 2 / (draws / 100), 0);
      // 99 degrees of freedom: 1 in 10,000 lies above 161, 1 in 10,000 below 54.
      expect(chi).toBeGreaterThan(54);
      expect(chi).toBeLessThan(161);
    }
  });
});
