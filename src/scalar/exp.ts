/**
 * The exponential of the scalar tier, in float64: e^d = 2^(n/16) · P(f) with z = 16·log2(e)·d, n = round(z), f = z − n.
 *
 * d is x − m with m the row's maximum, so d <= 0 and 2^(n/16) comes from a table. A finer table than whole powers of two
 * leaves P three terms instead of six.
 */

/** z = EXP_SCALE · d. */
export const EXP_SCALE = 16 * Math.LOG2E;

/** Below 2^-126 the result is +0: f32 has no normal numbers there. */
const LOWEST = -126 * 16;

/** Adding and subtracting 1.5 · 2^52 rounds a float64 to an integer. */
const ROUND = 6755399441055744;

/** P(f) = 1 + f (C1 + f (C2 + f C3)): scripts/coefficients.mjs prints them, and 1.574e-9 as their error. */
const C1 = 0.043321698916665055;
const C2 = 0.0009384151875542221;
const C3 = 0.000013550326291719693;

let table: Float64Array | null = null;

/** table[k] = 2^(−k/16), made on first use because nothing runs at import. */
export function expTable(): Float64Array {
  if (table === null) {
    table = new Float64Array(1 - LOWEST);
    for (let k = 0; k < table.length; k++) table[k] = 2 ** (-k / 16);
  }
  return table;
}

/**
 * e^(z / EXP_SCALE) for z <= 0.
 *
 *   Max error    1.6e-9 relative (test/numerics/scalar-exp.test.ts fails above); of every float32 the worst is 0.026139 ULP of
 *                f32 at x = 296.6570129394531 in a row of max 350 (scripts/check/exhaustive.mjs; test/numerics/exp.test.ts: 0.03)
 *   Exact        exp(0) = 1
 *   Below 2^-126 +0, so a mask (-Infinity) is +0
 *   NaN          kept
 */
export function exp(z: number, powers: Float64Array): number {
  if (z < LOWEST) return 0;
  const n = z + ROUND - ROUND;
  const f = z - n;
  return powers[-n | 0]! * (1 + f * (C1 + f * (C2 + f * C3)));
}

/** e^l of a log-probability; those above 0 are no probabilities, but must not wrap. */
export function expOf(l: number, powers: Float64Array): number {
  return l > 0 ? Math.exp(l) : exp(l * EXP_SCALE, powers);
}
