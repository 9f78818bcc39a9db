import { describe, expect, it } from 'vitest';
import { EXP_SCALE, exp, expTable } from '../../src/scalar/exp.js';

const LOWEST = -126 * 16;

describe('the exponential of the scalar tier', () => {
  const powers = expTable();

  it('is within 1.6e-9 relative from 0 down to 2^-126', () => {
    // A step that is no multiple of the table's, so that every part of the polynomial's range is met.
    let worst = 0;
    for (let z = 0; z >= LOWEST; z -= 0.000977) {
      const exact = Math.exp(z / EXP_SCALE);
      worst = Math.max(worst, Math.abs(exp(z, powers) / exact - 1));
    }
    expect(worst).toBeLessThan(1.6e-9);
    // What scripts/coefficients.mjs prints is met: the polynomial is the minimax one.
    expect(worst).toBeGreaterThan(1.5e-9);
  });

  it('is 1 at 0, +0 below 2^-126, NaN at NaN', () => {
    expect(exp(0, powers)).toBe(1);
    expect(exp(-0, powers)).toBe(1);
    expect(exp(LOWEST, powers)).toBe(2 ** -126);
    for (const z of [LOWEST - 0.001, -1e300, -Infinity]) expect(exp(z, powers)).toBe(0);
    expect(exp(NaN, powers)).toBe(NaN);
  });
});
