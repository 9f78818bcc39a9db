import { describe, expect, it } from 'vitest';
import { exp2, log1pOf, logOf } from '../../src/decide/exp-log.js';
import { random } from '../inputs.js';
import { exactly, D } from '../numerics/decimal.js';

const relative = (got: number, exact: InstanceType<typeof D>) => exact.sub(exactly(got)).div(exact).abs().toNumber();

describe('exp2 and logarithms of the decisions', () => {
  it('exp2 is within 1.1e-12, exact at 0, and 0 below -1022', () => {
    const next = random(1);
    let worst = 0;
    for (let i = 0; i < 4000; i++) {
      const z = i % 2 === 0 ? -next() : -1022 * next();
      worst = Math.max(worst, relative(exp2(z), D.pow(2, exactly(z))));
    }
    expect(worst).toBeGreaterThan(1e-13);
    expect(worst).toBeLessThan(1.1e-12);
    expect([exp2(0), exp2(-0), exp2(-1), exp2(-1022)]).toEqual([1, 1, 0.5, 2 ** -1022]);
    expect([exp2(-1022.5), exp2(-1e300), exp2(-Infinity)]).toEqual([0, 0, 0]);
  });

  it('log1pOf is within 1e-15, also of tiny numbers', () => {
    const next = random(2);
    let worst = 0;
    for (let i = 0; i < 2000; i++) {
      const y = 2 ** (80 * next() - 60);
      worst = Math.max(worst, relative(log1pOf(y), D.ln(exactly(y).add(1))));
    }
    expect(worst).toBeLessThan(1e-15);
    expect(log1pOf(0)).toBe(0);
  });

  it('logOf is within 1e-15 of log(p)', () => {
    const next = random(3);
    for (let i = 0; i < 1000; i++) {
      const p = i % 2 === 0 ? next() : 2 ** (-100 * next());
      expect(Math.abs(logOf(p) - D.ln(exactly(p)).toNumber())).toBeLessThanOrEqual(
        1e-15 * Math.abs(Math.log(p)) + 1e-16,
      );
    }
    expect([logOf(1), logOf(0)]).toEqual([0, -Infinity]);
  });
});
