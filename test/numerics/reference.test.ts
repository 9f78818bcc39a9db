import { describe, expect, it } from 'vitest';
import { D, exactly, relativeError } from './decimal.js';
import * as inputs from '../inputs.js';
import * as reference from '../reference.js';

/**
 * The float64 oracles against 60 decimal digits, on rows that are hard for float64.
 *
 * What they may be wrong by, relative: (x − max) and its quotient by T are each rounded to 2^-53 of themselves, at most
 * 104 where a float32 result is not 0, which the exponential makes 2 · 104 · 2^-53 = 2^-45.3; Math.exp, the compensated
 * sum, log1p and the last operations add a few 2^-53. That is 2^-45, or 2^-21 ULP of float32.
 */
const BOUND = 2 ** -45;
/** The smallest positive float32: results below it are not told apart, nor terms below it in a sum. */
const SMALLEST = 2 ** -149;

type Decimal = InstanceType<typeof D>;

interface HardRow {
  name: string;
  logits: Float32Array;
  temperature: number;
}

const TEMPERATURES = [1, 1, 0.01, 0.7, 3, 100];
const WIDTHS = [2, 2, 3, 4, 7, 16];

/** One kind of row: `draw` gives each element from a number in [0, 1) and the column. */
function rowsOf(name: string, count: number, draw: (next: () => number, c: number, t: number) => number): HardRow[] {
  const next = inputs.random(name.length * 7919 + count);
  return Array.from({ length: count }, (_, r) => {
    const temperature = TEMPERATURES[r % TEMPERATURES.length];
    const cols = r % 97 === 96 ? 65 : WIDTHS[Math.floor(r / TEMPERATURES.length) % WIDTHS.length];
    return { name, logits: Float32Array.from({ length: cols }, (_, c) => draw(next, c, temperature)), temperature };
  });
}

const HARD: HardRow[] = [
  ...rowsOf('near ties', 360, (next) => 1 + Math.floor(next() * 3) * 2 ** -23),
  ...rowsOf('one dominant element', 360, (next, c, t) => (c === 1 ? 0 : -t * (1 + 80 * next()))),
  ...rowsOf('wide spread', 360, (next, _, t) => t * (400 * next() - 200)),
  ...rowsOf('subnormal results', 360, (next, c, t) => (c === 0 ? 0 : -t * (87 + 17 * next()))),
  ...rowsOf('offset 1e4', 300, (next, _, t) => 1e4 * t + 4 * t * next()),
  ...rowsOf('offset -1e4', 300, (next, _, t) => -1e4 * t - 90 * t * next()),
  ...rowsOf('offset 1e38', 120, (next) => 1e38 * (1 + 2 ** -20 * Math.floor(9 * next()))),
  ...rowsOf('offset -1e38', 120, (next) => -1e38 * (1 + 2 ** -20 * Math.floor(9 * next()))),
  ...rowsOf('tiny', 120, (next) => 1e-30 * (next() - 0.5)),
  ...rowsOf('almost nothing but the label', 200, (next, c, t) => (c === 0 ? 30 * t : t * (next() - 45))),
];

interface ExactRow {
  max: Decimal;
  /** (x − max) / T, and e to that. */
  z: Decimal[];
  terms: Decimal[];
  /** Index of the first maximum; Σ terms without it, and with it. */
  top: number;
  rest: Decimal;
  total: Decimal;
  log: Decimal;
}

const known = new Map<HardRow, ExactRow>();

function exactRow(row: HardRow): ExactRow {
  const before = known.get(row);
  if (before) return before;
  const x = Array.from(row.logits, exactly);
  const top = row.logits.indexOf(row.logits.reduce((a, b) => Math.max(a, b)));
  const t = exactly(row.temperature);
  const z = x.map((v) => v.sub(x[top]).div(t));
  const terms = z.map((v) => (v.lt(-1000) ? new D(0) : D.exp(v)));
  const rest = total(terms.filter((_, c) => c !== top));
  const sum = rest.add(1);
  const exact = { max: x[top], z, terms, top, rest, total: sum, log: D.ln(sum) };
  known.set(row, exact);
  return exact;
}

function total(values: Decimal[]): Decimal {
  return values.reduce((a, b) => a.add(b), new D(0));
}

/** Error relative to `magnitude`; a result below the smallest float32 may be anything that small. */
function errorOf(got: number, exact: Decimal, magnitude = exact): number {
  if (exact.abs().lt(SMALLEST)) return Math.abs(got) <= SMALLEST * 1.01 ? 0 : Infinity;
  if (magnitude === exact) return relativeError(got, exact);
  return exactly(got).sub(exact).abs().div(magnitude).toNumber();
}

/** The worst error over all rows is within the bound, and not 0: something was measured. */
function expectTrusted(errors: (row: HardRow) => number[], rows = HARD): void {
  let worst = 0;
  for (const row of rows) {
    for (const [i, error] of errors(row).entries()) {
      if (!(error <= BOUND))
        expect.fail(`${row.name}, [${row.logits.slice(0, 8).join()}], T = ${row.temperature}, ${i}: ${error}`);
      worst = Math.max(worst, error);
    }
  }
  expect(worst).toBeGreaterThan(0);
}

/** Labels, probabilities and weights of a row, the same each time. */
function tasksOf({ logits }: HardRow) {
  const cols = logits.length;
  const soft = inputs.softLabels(1, cols, cols);
  const classWeights = inputs.uniform(cols, 0.1, 3, cols + 1);
  return { labels: [0, 1, cols - 1], soft, classWeights };
}

describe('the oracles', { timeout: 60_000 }, () => {
  it('softmax', () => {
    expectTrusted((row) => {
      const { values } = reference.softmax(row.logits, row.logits.length, row.temperature);
      const { terms, total } = exactRow(row);
      return terms.map((e, c) => errorOf(values[c], e.div(total)));
    });
  });

  it('logSoftmax', () => {
    expectTrusted((row) => {
      const { values } = reference.logSoftmax(row.logits, row.logits.length, row.temperature);
      const { z, log } = exactRow(row);
      return z.map((v, c) => errorOf(values[c], v.sub(log)));
    });
  });

  it('logSumExp', () => {
    expectTrusted((row) => {
      const { values, magnitudes } = reference.logSumExp(row.logits, row.logits.length, row.temperature);
      const { max, log } = exactRow(row);
      const top = max.div(exactly(row.temperature));
      const lse = top.add(log);
      const magnitude = D.max(lse.abs(), top.abs());
      return [errorOf(values[0], lse, magnitude), relativeError(magnitudes![0], magnitude)];
    });
  });

  it('entropy', () => {
    expectTrusted((row) => {
      const { values, magnitudes } = reference.entropy(row.logits, row.logits.length, row.temperature);
      const { z, terms: e, rest, total: sum, log } = exactRow(row);
      // Where 1 + rest keeps few of its digits, two terms of the series of log(1 + rest).
      const digits = rest.lt(1e-20) ? rest.sub(rest.mul(rest).div(2)) : log;
      const terms = z.map((v, c) => (e[c].isZero() ? e[c] : e[c].div(sum).mul(digits.sub(v))));
      const all = total(terms);
      const magnitude = all.add(D.max(...terms));
      return [errorOf(values[0], all, magnitude), relativeError(magnitudes![0], magnitude)];
    });
  });

  it('crossEntropy with class indices: losses, and dlogits at the label and beside it', () => {
    expectTrusted((row) => {
      const cols = row.logits.length;
      const { z, log, terms, top, rest, total } = exactRow(row);
      const t = exactly(row.temperature);
      return tasksOf(row).labels.flatMap((label) => {
        const options = { reduction: 'none', temperature: row.temperature } as const;
        const { losses, dlogits } = reference.crossEntropy(row.logits, Int32Array.of(label), cols, options);
        const others = label === top ? rest : total.sub(terms[label]);
        const other = (label + 1) % cols;
        return [
          errorOf(losses.values[0], log.sub(z[label])),
          errorOf(dlogits.values[label], others.div(total).neg().div(t)),
          errorOf(dlogits.values[other], terms[other].div(total).div(t)),
        ];
      });
    });
  });

  it('crossEntropy with probabilities, weights, smoothing and a z term', () => {
    expectTrusted(
      (row) => {
        const cols = row.logits.length;
        const { max, z, log, terms, total: sum } = exactRow(row);
        const { soft, classWeights } = tasksOf(row);
        const t = exactly(row.temperature);
        const [labelSmoothing, zLoss] = [0.125, 0.25];
        const options = {
          reduction: 'none',
          labelSmoothing,
          zLoss,
          classWeights,
          temperature: row.temperature,
        } as const;
        const { losses, dlogits } = reference.crossEntropy(row.logits, soft, cols, options);
        const tau = Array.from(soft, (p, c) =>
          exactly(p).mul(0.875).add(new D(labelSmoothing).div(cols)).mul(exactly(classWeights[c])),
        );
        const lse = max.div(t).add(log);
        const loss = total(tau.map((v, c) => v.mul(log.sub(z[c])))).add(lse.pow(2).mul(zLoss));
        const tauSum = total(tau);
        const slope = lse.mul(2 * zLoss);
        return [
          errorOf(losses.values[0], loss),
          ...terms.map((e, c) => {
            const a = e.div(sum);
            const exact = a.mul(tauSum).sub(tau[c]).add(a.mul(slope)).div(t);
            const magnitude = a.mul(tauSum).add(tau[c]).add(a.mul(slope).abs()).div(t);
            return errorOf(dlogits.values[c], exact, magnitude);
          }),
        ];
      },
      HARD.filter((_, r) => r % 3 === 0),
    );
  });

  it('derivatives', () => {
    expectTrusted(
      (row) => {
        const cols = row.logits.length;
        const a = Float32Array.from(reference.softmax(row.logits, cols, row.temperature).values);
        const l = Float32Array.from(reference.logSoftmax(row.logits, cols, row.temperature).values, (v) =>
          Math.max(v, -87),
        );
        const u = inputs.normal(cols, cols % 2 ? 1000 : 0, 1, cols);
        const [A, E, U] = [Array.from(a, exactly), Array.from(l, (v) => D.exp(exactly(v))), Array.from(u, exactly)];
        const dot = (p: Decimal[]) => total(p.map((v, c) => v.mul(U[c])));
        const absolute = (p: Decimal[]) => total(p.map((v, c) => v.mul(U[c]).abs()));
        const [au, aus, eu, eus, us, uss] = [
          dot(A),
          absolute(A),
          dot(E),
          absolute(E),
          total(U),
          total(U.map((v) => v.abs())),
        ];
        const jvp = reference.softmaxJvp(a, u, cols).values;
        const logJvp = reference.logSoftmaxJvp(l, u, cols).values;
        const logVjp = reference.logSoftmaxVjp(l, u, cols).values;
        const jacobian = reference.softmaxJacobian(a.subarray(0, 2), 2).values;
        return [
          ...A.flatMap((v, c) => [
            v.lt(2 ** -100) ? 0 : errorOf(jvp[c], v.mul(U[c].sub(au)), v.mul(U[c].abs().add(aus))),
            errorOf(logJvp[c], U[c].sub(eu), U[c].abs().add(eus)),
            errorOf(logVjp[c], U[c].sub(E[c].mul(us)), U[c].abs().add(E[c].mul(uss))),
          ]),
          errorOf(jacobian[0], A[0].mul(new D(1).sub(A[0])), A[0].add(A[0].pow(2))),
          errorOf(jacobian[1], A[0].mul(A[1]).neg()),
        ];
      },
      HARD.filter((_, r) => r % 5 === 0),
    );
  });

  it('softmaxWithJvp', () => {
    expectTrusted(
      (row) => {
        const cols = row.logits.length;
        const u = inputs.normal(cols, 0, 1, cols);
        const U = Array.from(u, exactly);
        const { terms, total: sum } = exactRow(row);
        const a = terms.map((e) => e.div(sum));
        const { values } = reference.softmaxWithJvp(row.logits, u, cols, row.temperature).jvp;
        const au = total(a.map((v, c) => v.mul(U[c])));
        const aus = total(a.map((v, c) => v.mul(U[c]).abs()));
        const t = exactly(row.temperature);
        return a.map((v, c) =>
          v.lt(2 ** -126) ? 0 : errorOf(values[c], v.mul(U[c].sub(au)).div(t), v.mul(U[c].abs().add(aus)).div(t)),
        );
      },
      HARD.filter((_, r) => r % 3 === 1),
    );
  });
});

describe('the oracles on long rows of few distinct logits', { timeout: 60_000 }, () => {
  it.each([1000, 65_537, 2 ** 20])('%i columns', (cols) => {
    const levels = Float32Array.of(0, -0.1, 2.5, -7.3, -30, 2.5000002, -16.6);
    const logits = new Float32Array(cols);
    const counts = levels.map(() => 0);
    const next = inputs.random(cols);
    for (let c = 0; c < cols; c++) {
      const level = c === 3 ? 5 : Math.floor(next() ** 3 * 5);
      logits[c] = levels[level];
      counts[level]++;
    }
    const t = 0.7;
    const top = exactly(levels.filter((_, i) => counts[i] > 0).reduce((a, b) => Math.max(a, b)));
    const terms = Array.from(levels, (x) => D.exp(exactly(x).sub(top).div(exactly(t))));
    const sum = total(terms.map((e, i) => e.mul(counts[i])));
    const log = D.ln(sum);
    const probs = reference.softmax(logits, cols, t).values;
    const { losses, dlogits } = reference.crossEntropy(logits, Int32Array.of(3), cols, { temperature: t });
    for (const c of [0, 1, 2, 4, cols - 1]) {
      const exact = terms[levels.indexOf(logits[c])].div(sum);
      expect(relativeError(probs[c], exact)).toBeLessThan(BOUND);
      expect(relativeError(dlogits.values[c], exact.div(exactly(t)))).toBeLessThan(BOUND);
    }
    const lse = top.div(exactly(t)).add(log);
    expect(relativeError(reference.logSumExp(logits, cols, t).values[0], lse)).toBeLessThan(BOUND);
    expect(relativeError(losses.values[0], log)).toBeLessThan(BOUND);
    expect(relativeError(dlogits.values[3], sum.sub(1).div(sum).neg().div(exactly(t)))).toBeLessThan(BOUND);
  });
});
