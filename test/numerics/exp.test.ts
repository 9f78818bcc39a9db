import { describe, expect, it } from 'vitest';
import { exp, expTable } from '../../src/scalar/exp.js';
import {
  BOUNDS,
  BOUNDS_ANY_TEMPERATURE,
  createSweep,
  expExact,
  floatOf,
  orderOf,
  shiftedStretches,
  stretches,
  worstOf,
} from '../../scripts/exp-sweep.mjs';
import { compileNumeric } from '../../scripts/numeric-module.mjs';
import { D, exactly, relativeError } from './decimal.js';
import { tiers } from '../tiers.js';

/** Odd, so that all low bits are met: 1.5 million of the 2.3 billion floats that `npm run check -- exhaustive` takes. */
const STRIDE = 1511;
const TEMPERATURE_STRIDE = 49_999;
const TEMPERATURES = [
  2 ** -16,
  0.01,
  0.0979204684893734,
  0.7,
  0.8436816331014891,
  3,
  100,
  13_296.630363043609,
  2 ** 16,
];
/** The worst inputs that the exhaustive sweep found, and their neighbours. */
const WORST = [5.200051784515381, -5.848641872406006, -38.434974670410156, 222.1880645751953, 296.6570129394531];

describe('the float64 exponential that the sweeps compare with', () => {
  it('is within 4e-16 of decimal arithmetic', () => {
    let worst = 0;
    for (let i = 0; i < 2000; i++) {
      const x =
        i < 200 ? Math.LN2 * (i - 100) * 4.37 : floatOf(orderOf(-438) + Math.floor((i / 2000) * 2 ** 31 * 1.0585));
      worst = Math.max(worst, relativeError(expExact(x), D.exp(exactly(x))));
    }
    expect(worst).toBeLessThan(4e-16);
    expect(worst).toBeGreaterThan(1e-17);
  });
});

describe.each(tiers)('the exponential, $name', async ({ name }) => {
  const wasm = name === 'scalar' ? [] : [{ name, module: await compileNumeric(name) }];
  const scalar = name === 'scalar' ? exp : null;
  const { sweep, findings, exponentials } = createSweep(wasm, scalar, expTable());

  /** Sweeps, and asserts each path against its bound; nothing is left over for the next test. */
  function expectWithin(bound: number, paths: string[]): void {
    const seen = Object.entries(findings);
    for (const path of Object.keys(findings)) Reflect.deleteProperty(findings, path);
    const wanted = paths.map((path) => (scalar ? path : `${name} ${path}`));
    expect(seen.map(([path]) => path).sort()).toEqual(wanted.sort());
    for (const [path, found] of seen) {
      expect(found.count, path).toBeGreaterThan(0);
      const { ulp, x, m, temperature } = worstOf(found);
      expect(Math.abs(ulp), `${path} at x = ${x}, row max ${m}, T = ${temperature}`).toBeLessThanOrEqual(bound);
    }
  }

  it('every float by stride, temperature 1', () => {
    for (const s of stretches({ temperature: 1, stride: STRIDE, full: true })) sweep(s);
    for (const s of stretches({ temperature: 1, stride: 29_989 })) sweep(s, { group: true });
    for (const s of shiftedStretches({ temperature: 1, stride: 101 })) sweep(s, { group: true });
    expectWithin(BOUNDS[name], scalar ? ['scalar'] : ['row', 'full', 'group', 'shifted']);
  });

  it('every float around the worst', () => {
    for (const x of WORST) {
      const at = { temperature: 1, stride: 1, from: orderOf(x) - 2000, to: orderOf(x) + 2000, origin: 0, full: x < 88 };
      for (const n of [0, 17, 18, 322, 444]) {
        const m = Math.fround(n * Math.LN2);
        if (m > x + 1 && m < x + 80) sweep({ ...at, maxima: [m] });
      }
    }
    if (!scalar) expect(Math.abs(worstOf(findings[`${name} row`]).ulp)).toBeGreaterThan(BOUNDS[name] - 0.15);
    expectWithin(BOUNDS[name], scalar ? ['scalar'] : ['row', 'full']);
  });

  it.each(TEMPERATURES)('floats by stride, temperature %d', (temperature) => {
    const bounds = Number.isInteger(Math.log2(temperature)) ? BOUNDS : BOUNDS_ANY_TEMPERATURE;
    for (const s of stretches({ temperature, stride: TEMPERATURE_STRIDE })) sweep(s);
    for (const s of shiftedStretches({ temperature, stride: 997 })) sweep(s, { group: true });
    expectWithin(bounds[name], scalar ? ['scalar'] : ['row', 'group', 'shifted']);
  });

  if (scalar) return;

  it('is +0 below the clamp and at -Infinity, keeps NaN, has nothing above the exact result in between', () => {
    for (const temperature of [1, 0.7]) {
      for (const m of [0, -0, 3.25, -349, 349, 351, 1e4, -1e38]) {
        const below = [87.5, 87.7, 87.9, 88.1, 88.3, 88.5, 89, 100, 1000, 1e38, Infinity];
        const logits = below.map((gap) => Math.fround((m - gap) * temperature));
        const { e, power, shift } = exponentials([...logits, NaN], Math.fround(m * temperature), temperature);
        expect(e[logits.length]).toBe(NaN);
        logits.forEach((logit, i) => {
          const exact = Math.exp((logit - shift) / temperature - power * Math.LN2);
          const what = `x = ${logit}, row max ${m}, T = ${temperature}`;
          if (exact < 2 ** -127.6) expect(e[i], what).toBe(0);
          expect(e[i], what).toBeGreaterThanOrEqual(0);
          expect(e[i], what).toBeLessThanOrEqual(exact * (1 + 2 ** -22) + 2 ** -149);
        });
      }
    }
  });
});
