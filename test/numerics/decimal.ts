import { Decimal } from 'decimal.js';

/** Arbitrary precision: 60 digits are far beyond what a float64 oracle is measured to. */
export const D = Decimal.clone({ precision: 60, minE: -1e6, maxE: 1e6, toExpNeg: -1e6, toExpPos: 1e6 });

const bits = new DataView(new ArrayBuffer(8));

/** A finite number's exact value: `new Decimal(x)` would take the shortest digits that x is printed with. */
export function exactly(x: number): Decimal {
  bits.setFloat64(0, x);
  const word = bits.getBigUint64(0);
  const exponent = Number((word >> 52n) & 0x7ffn);
  const fraction = word & ((1n << 52n) - 1n);
  const significand = exponent === 0 ? fraction : fraction | (1n << 52n);
  const magnitude = new D(significand.toString()).mul(D.pow(2, Math.max(exponent, 1) - 1075));
  return x < 0 ? magnitude.neg() : magnitude;
}

/** |got / exact − 1|, 0 where both are 0. */
export function relativeError(got: number, exact: Decimal): number {
  if (exact.isZero()) return got === 0 ? 0 : Infinity;
  return exactly(got).div(exact).sub(1).abs().toNumber();
}
