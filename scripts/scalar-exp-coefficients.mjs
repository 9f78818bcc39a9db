// Prints the coefficients of src/scalar/exp.ts: P(f) = 1 + f (C1 + f (C2 + f C3)) ≈ 2^(f/16) on |f| ≤ 1/2, minimax in
// relative error with the constant term held at 1, by exchange (Remez) on the three free coefficients.
//
//   node scripts/scalar-exp-coefficients.mjs

const exact = (f) => Math.exp((f * Math.LN2) / 16);
const value = (c, f) => 1 + f * (c[0] + f * (c[1] + f * c[2]));
const error = (c, f) => value(c, f) / exact(f) - 1;

/** Solves the square system a·x = b by elimination with pivots. */
function solve(a, b) {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(a[r][i]) > Math.abs(a[pivot][i])) pivot = r;
    [a[i], a[pivot]] = [a[pivot], a[i]];
    [b[i], b[pivot]] = [b[pivot], b[i]];
    for (let r = i + 1; r < n; r++) {
      const q = a[r][i] / a[i][i];
      for (let k = i; k < n; k++) a[r][k] -= q * a[i][k];
      b[r] -= q * b[i];
    }
  }
  const x = new Array(n);
  for (let i = n - 1; i >= 0; i--) {
    let s = b[i];
    for (let k = i + 1; k < n; k++) s -= a[i][k] * x[k];
    x[i] = s / a[i][i];
  }
  return x;
}

function innerExtreme(c, sign) {
  let best = 0;
  for (let f = 0.05; f < 0.45; f += 1e-5) if (Math.abs(error(c, sign * f)) > Math.abs(error(c, sign * best))) best = f;
  return sign * best;
}

// The error is 0 at 0, so the extremes lie two on either side of it: 4 points for 3 coefficients and the level.
let points = [-0.5, -0.3, 0.3, 0.5];
let c;
for (let round = 0; round < 30; round++) {
  // The error has the factor f: error / f alternates, so the error's own signs are -, +, +, -.
  const signs = [-1, 1, 1, -1];
  const rows = points.map((f, i) => [f, f * f, f ** 3, -signs[i] * exact(f)]);
  c = solve(
    rows,
    points.map((f) => exact(f) - 1),
  ).slice(0, 3);
  // Two extremes are the ends; each half has one more inside.
  points = [-0.5, innerExtreme(c, -1), innerExtreme(c, 1), 0.5];
}
let max = 0;
for (let i = 0; i <= 1e6; i++) max = Math.max(max, Math.abs(error(c, -0.5 + i / 1e6)));
console.log(`C1 = ${c[0]}\nC2 = ${c[1]}\nC3 = ${c[2]}\nmax relative error ${max.toExponential(3)} on |f| <= 1/2`);
