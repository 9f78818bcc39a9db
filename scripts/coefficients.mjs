// Prints the coefficients of both exponentials.
//
// The kernels' (assembly/exp.ts): 1 + r·p(r) ≈ e^r over |r| ≤ ln2/2, degree 6.
// Minimax in relative error by Remez exchange on a dense grid. c0 = c1 = 1 are given; then each coefficient in turn is
// rounded to f32 and held, and those above it are fitted again, so that each absorbs the rounding of those below.
const DEGREE = 6;
const HALF_RANGE = Math.LN2 / 2;
const GRID = 20000;
const grid = Array.from({ length: GRID + 1 }, (_, i) => -HALF_RANGE * Math.cos((Math.PI * i) / GRID));

/** (Σ c_k r^k − e^r) / e^r; the leading terms cancel in expm1, so that small errors keep their digits. */
function relativeError(c, r) {
  let tail = 0;
  for (let k = DEGREE; k >= 2; k--) tail = (tail + c[k]) * r;
  // e^r − 1 − r by its series: Math.expm1(r) − r has lost half its digits near 0.
  let series = 0;
  for (let k = 18; k >= 2; k--) series = (series + 1 / factorial(k)) * r;
  return ((tail - series) * r) / Math.exp(r);
}

function factorial(k) {
  return k < 2 ? 1 : k * factorial(k - 1);
}

/** Solves a·x = b by elimination with pivoting. */
function solve(a, b) {
  const n = b.length;
  const m = a.map((row, i) => [...row, b[i]]);
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let j = i + 1; j < n; j++) if (Math.abs(m[j][i]) > Math.abs(m[pivot][i])) pivot = j;
    [m[i], m[pivot]] = [m[pivot], m[i]];
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const factor = m[j][i] / m[i][i];
      for (let k = i; k <= n; k++) m[j][k] -= factor * m[i][k];
    }
  }
  return m.map((row, i) => row[n] / row[i]);
}

/** The local extrema of the error with alternating signs, the `count` largest neighbours of them. */
function extrema(c, count) {
  const points = [];
  for (const r of grid) {
    const e = relativeError(c, r);
    const last = points[points.length - 1];
    if (last && Math.sign(last.e) === Math.sign(e)) {
      if (Math.abs(e) > Math.abs(last.e)) points[points.length - 1] = { r, e };
    } else if (e !== 0) points.push({ r, e });
  }
  while (points.length > count) {
    if (Math.abs(points[0].e) < Math.abs(points[points.length - 1].e)) points.shift();
    else points.pop();
  }
  return points;
}

/** Coefficients from `first` on fitted, those below held. */
function fit(c, first) {
  const free = DEGREE - first + 1;
  let points = Array.from({ length: free + 1 }, (_, i) => ({
    r: -HALF_RANGE * Math.cos((Math.PI * (i + 0.5)) / (free + 1)),
  }));
  let fitted = c;
  for (let round = 0; round < 60; round++) {
    const held = c.map((v, k) => (k < first ? v : 0));
    const rows = points.map(({ r }, i) => [
      ...Array.from({ length: free }, (_, j) => r ** (first + j) / Math.exp(r)),
      i % 2 ? 1 : -1,
    ]);
    const x = solve(
      rows,
      points.map(({ r }) => -relativeError(held, r)),
    );
    fitted = held.map((v, k) => (k < first ? v : x[k - first]));
    const next = extrema(fitted, free + 1);
    if (next.length < free + 1) break;
    points = next;
  }
  return fitted;
}

function worst(c) {
  return grid.reduce((max, r) => Math.max(max, Math.abs(relativeError(c, r))), 0);
}

let c = [1, 1, 0, 0, 0, 0, 0];
for (let k = 2; k <= DEGREE; k++) {
  c = fit(c, k);
  if (k === 2) console.log(`unrounded: within ${worst(c).toExponential(2)}`);
  c[k] = Math.fround(c[k]);
}
for (let k = 1; k <= DEGREE; k++) console.log(`C${k} ${c[k]}`);
console.log(`rounded to f32: within ${worst(c).toExponential(2)} of e^r`);

// The scalar tier's (src/scalar/exp.ts): P(f) = 1 + f (C1 + f (C2 + f C3)) ≈ 2^(f/16) on |f| ≤ 1/2, minimax in relative
// error with the constant term held at 1, by exchange on the three free coefficients.
const scalarExact = (f) => Math.exp((f * Math.LN2) / 16);
const scalarError = (q, f) => (1 + f * (q[0] + f * (q[1] + f * q[2]))) / scalarExact(f) - 1;

function innerExtreme(q, sign) {
  let best = 0;
  for (let f = 0.05; f < 0.45; f += 1e-5) {
    if (Math.abs(scalarError(q, sign * f)) > Math.abs(scalarError(q, sign * best))) best = f;
  }
  return sign * best;
}

// The error is 0 at 0, so the extremes lie two on either side of it: 4 points for 3 coefficients and the level.
let extremes = [-0.5, -0.3, 0.3, 0.5];
let q;
for (let round = 0; round < 30; round++) {
  // The error has the factor f: error / f alternates, so the error's own signs are -, +, +, -.
  const signs = [-1, 1, 1, -1];
  const rows = extremes.map((f, i) => [f, f * f, f ** 3, -signs[i] * scalarExact(f)]);
  q = solve(
    rows,
    extremes.map((f) => scalarExact(f) - 1),
  ).slice(0, 3);
  // Two extremes are the ends; each half has one more inside.
  extremes = [-0.5, innerExtreme(q, -1), innerExtreme(q, 1), 0.5];
}
let max = 0;
for (let i = 0; i <= 1e6; i++) max = Math.max(max, Math.abs(scalarError(q, -0.5 + i / 1e6)));
console.log(`\nC1 = ${q[0]}\nC2 = ${q[1]}\nC3 = ${q[2]}\nmax relative error ${max.toExponential(3)} on |f| <= 1/2`);

// The decisions' (src/decide/exp-log.ts, assembly/decide/exp.ts): 1 + r (C1 + r (C2 + … C8)) ≈ 2^r on |r| ≤ 1/2, minimax in
// relative error with the constant term held at 1, all coefficients in float64.
const TWO_DEGREE = 8;
/** 2^r − Σ c_k r^k by the series of 2^r, so that the leading terms cancel before they are rounded. */
function twoError(c, r) {
  let sum = 0;
  for (let k = 24; k >= 1; k--) sum = (sum + (c[k] ?? 0) - Math.LN2 ** k / factorial(k)) * r;
  return sum / 2 ** r;
}

let two = [1, ...Array.from({ length: TWO_DEGREE }, (_, i) => Math.LN2 ** (i + 1) / factorial(i + 1))];
const twoGrid = Array.from({ length: GRID + 1 }, (_, i) => -0.5 * Math.cos((Math.PI * i) / GRID));
for (let round = 0; round < 20; round++) {
  const points = round === 0 ? chebyshev(TWO_DEGREE + 1) : twoExtrema(two, TWO_DEGREE + 1);
  const rows = points.map((r, i) => [
    ...Array.from({ length: TWO_DEGREE }, (_, k) => r ** (k + 1) / 2 ** r),
    i % 2 ? 1 : -1,
  ]);
  const change = solve(
    rows,
    points.map((r) => -twoError(two, r)),
  );
  two = two.map((v, k) => (k === 0 ? 1 : v + change[k - 1]));
}
const twoWorst = twoGrid.reduce((max, r) => Math.max(max, Math.abs(twoError(two, r))), 0);
console.log(
  `\n${two
    .slice(1)
    .map((v, k) => `C${k + 1} = ${v}`)
    .join('\n')}\nwithin ${twoWorst.toExponential(3)} of 2^r`,
);

function chebyshev(count) {
  return Array.from({ length: count }, (_, i) => -0.5 * Math.cos((Math.PI * (i + 0.5)) / count));
}

function twoExtrema(c, count) {
  const found = [];
  for (const r of twoGrid) {
    const e = twoError(c, r);
    const last = found[found.length - 1];
    if (last && Math.sign(last.e) === Math.sign(e)) {
      if (Math.abs(e) > Math.abs(last.e)) Object.assign(last, { r, e });
    } else if (e !== 0) found.push({ r, e });
  }
  while (found.length > count) {
    if (Math.abs(found[0].e) < Math.abs(found[found.length - 1].e)) found.shift();
    else found.pop();
  }
  return found.map(({ r }) => r);
}
