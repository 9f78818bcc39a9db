import { describe, expect, it } from 'vitest';
import { floatOf, orderOf } from '../../scripts/exp-sweep.mjs';
import { compileNumeric, type NumericModule } from '../../scripts/numeric-module.mjs';
import * as inputs from '../inputs.js';
import { tiers } from '../tiers.js';
import { spacing } from '../ulp.js';
import { type Claim, claimsOf, evaluatesPolynomial, readSources } from './claims.js';

// A numeric function's error stands above it, as `@ulp 1.2 T = 1` or `@relative 6e-11`: no function is worse than it claims,
// and no claim so loose that it says nothing. test/numerics/exp.test.ts and npm run check -- exhaustive sweep far more floats.

/** A claim is at most this much above the worst that is known. */
const LOOSE = 1.1;

/** What evaluates a polynomial and is measured as a part of another, or against it bit by bit. */
const PARTS: Record<string, string> = {
  power: 'the polynomial of exp4 and exp4Full',
  expSum: "exp4's steps for eight vectors at a time: a row's bits do not depend on which of them had its element",
};

const [TABLE, X, Y, MOST] = [1024, 8192, 8192 + 65_536, 65_536];
const MAGIC = 12_583_039;

/** Runs a function over a list of float32 or float64. */
function runOver<A extends Float32Array | Float64Array>(
  { memory }: NumericModule,
  values: A,
  compute: (x: number, y: number, bytes: number) => void,
): A {
  const Typed = values.constructor as new (buffer: ArrayBuffer, at: number, length: number) => A;
  const results = values.slice() as A;
  const step = MOST / values.BYTES_PER_ELEMENT;
  for (let at = 0; at < values.length; at += step) {
    const part = values.subarray(at, at + step) as A;
    new Typed(memory.buffer, X, part.length).set(part);
    compute(X, Y, (part.byteLength + 15) & ~15);
    results.set(new Typed(memory.buffer, Y, part.length), at);
  }
  return results;
}

/** Where the exhaustive sweep found the worst, fused and not, by temperature; T = 1 unless said. */
const WORST_AT: [x: number, temperature?: number][] = [
  [5.200051784515381],
  [222.1880645751953],
  [-5.848641872406006],
  [-38.434974670410156],
  [5057.9892578125, 13274.238862379912],
  [59362.390625, 202.99288057458025],
];

const worstAt = (temperature: number) => WORST_AT.filter(([, t = 1]) => t === temperature).map(([x]) => x);

/** Floats of [low, high], drawn evenly and by their order, and every one around the worst. */
function floatsIn(low: number, high: number, temperature: number): Float32Array {
  const near = worstAt(temperature).flatMap((x) =>
    Array.from({ length: 801 }, (_, i) => floatOf(orderOf(x) + i - 400)),
  );
  return Float32Array.from([...near.filter((x) => x >= low && x <= high), ...inputs.uniform(40_000, low, high, 5)]);
}

function worstUlp(got: Float32Array, exact: (i: number) => number): number {
  return got.reduce((worst, y, i) => Math.max(worst, Math.abs(y - exact(i)) / spacing(exact(i))), 0);
}

function worstRelative(got: Float64Array, exact: (i: number) => number): number {
  return got.reduce((worst, y, i) => Math.max(worst, Math.abs(y / exact(i) - 1)), 0);
}

/** The largest error of exp4 at a temperature, over rows with an even and an odd power of two taken out. */
function errorOfExp4(module: NumericModule, temperature: number): number {
  module.constants(TABLE, temperature);
  const ln2 = Math.LN2 * temperature;
  let worst = 0;
  for (const n of [-288, -44, 17, 18, 322, 383, 500]) {
    const max = Math.fround(n * ln2);
    const x = floatsIn(max - 80 * temperature, max, temperature);
    const y = runOver(module, x, (from, to, bytes) =>
      module.exp4Over(from, to, bytes, (n - 127) * ln2, MAGIC - n, TABLE),
    );
    worst = Math.max(
      worst,
      worstUlp(y, (i) => Math.exp(x[i] / temperature - n * Math.LN2)),
    );
  }
  return worst;
}

function errorOfExp4Full(module: NumericModule): number {
  module.constants(TABLE, 1);
  const x = floatsIn(-87.3, 88.7, 1);
  const y = runOver(module, x, (from, to, bytes) => module.exp4FullOver(from, to, bytes, TABLE));
  return worstUlp(y, (i) => Math.exp(x[i]));
}

/** −m/T + n·ln2 with n the nearest: ln2/2, and what rounding of m adds. */
const SMALL = 0.36;

function errorOfExpSmall2(module: NumericModule): number {
  module.constants(TABLE, 1);
  const a = Float64Array.from({ length: 100_001 }, (_, i) => (SMALL * (i - 50_000)) / 50_000);
  const y = runOver(module, a, (from, to, bytes) => module.expSmall2Over(from, to, bytes, TABLE));
  return worstRelative(y, (i) => Math.exp(a[i]));
}

function errorOfLog1p2(module: NumericModule): number {
  module.constants(TABLE, 1);
  const next = inputs.random(3);
  // Every binade from 2^-1000 to 2^40, and densely where 1 + y leaves that of 1.
  const y = Float64Array.from(
    { length: 120_000 },
    (_, i) => (1 + next()) * 2 ** (i < 60_000 ? (i % 1040) - 1000 : (i % 8) - 5),
  );
  const log = runOver(module, y, (from, to, bytes) => module.log1p2Over(from, to, bytes, TABLE));
  return worstRelative(log, (i) => Math.log1p(y[i]));
}

function errorOfExp2(module: NumericModule): number {
  const next = inputs.random(4);
  const z = Float64Array.from({ length: 100_000 }, (_, i) => (i < 50_000 ? -i / 50_000 : -1000 * next()));
  const y = runOver(module, z, (from, to, bytes) => module.exp2Over(from, to, bytes, TABLE));
  return worstRelative(y, (i) => 2 ** z[i]);
}

const NO_POWERS = [0.0979204684893734, 0.7, 0.8436816331014891, 3, 100, 13274.238862379912, 202.99288057458025];

/** How each function is measured, by the condition of its claim. */
const MEASURES: Record<string, Record<string, (module: NumericModule) => number>> = {
  exp4: {
    'T = 1': (module) => errorOfExp4(module, 1),
    'T is no power of two': (module) => Math.max(...NO_POWERS.map((t) => errorOfExp4(module, t))),
  },
  exp4Full: { '': errorOfExp4Full },
  expSmall2: { '': errorOfExpSmall2 },
  log1p2: { '': errorOfLog1p2 },
  exp2: { '': errorOfExp2 },
};

const sources = readSources();
const claims = Object.keys(MEASURES).flatMap((name) =>
  claimsOf(sources.get(name)!).map((claim): [string, string, Claim] => [name, claim.condition, claim]),
);

describe('the claims of the numeric functions', () => {
  it('are there, each in a form that is measured here', () => {
    const conditions = Object.entries(MEASURES).flatMap(([name, by]) => Object.keys(by).map((of) => `${name} ${of}`));
    expect(claims.map(([name, condition]) => `${name} ${condition}`).sort()).toEqual(conditions.sort());
  });

  it('stand above every function that evaluates a polynomial', () => {
    const silent = [...sources].filter(([name, of]) => evaluatesPolynomial(of) && !(name in PARTS || name in MEASURES));
    expect(silent.map(([name, { file }]) => `${file}: ${name}`)).toEqual([]);
    expect(Object.keys(MEASURES).filter((name) => !claimsOf(sources.get(name)!).length)).toEqual([]);
  });

  it('stand above no function that is not measured', () => {
    const claiming = [...sources].filter(([, of]) => claimsOf(of).length > 0).map(([name]) => name);
    expect(claiming.sort()).toEqual(Object.keys(MEASURES).sort());
  });
});

const wasmTiers = tiers.map(({ name }) => name).filter((name) => name !== 'scalar');

describe.each(wasmTiers)('the claims, $0', (tier) => {
  const compiled = compileNumeric(tier as 'simd' | 'relaxed').then((module) => {
    const { exports } = new WebAssembly.Instance(module);
    const numeric = exports as unknown as NumericModule;
    numeric.memory.grow(2);
    return numeric;
  });

  it.each(claims)('%s %s', async (name, condition, { bound }) => {
    const error = MEASURES[name][condition](await compiled);
    expect(error).toBeGreaterThan(0);
    expect(error, `${name} claims ${bound}`).toBeLessThanOrEqual(bound);
    // The worst is where nothing is fused.
    if (tier === 'simd') expect(bound, `${name} is known to reach ${error}`).toBeLessThanOrEqual(LOOSE * error);
  });
});
