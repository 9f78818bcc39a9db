import { expect } from 'vitest';
import type { Exact } from './reference.js';

const bits = new DataView(new ArrayBuffer(8));

/** Spacing of float32 at v: 2^(e − 23) for 2^e ≤ |v| < 2^(e + 1), never below 2^-149. */
export function spacing(v: number): number {
  bits.setFloat64(0, v);
  const exponent = ((bits.getUint32(0) >>> 20) & 0x7ff) - 1023;
  return 2 ** (Math.min(Math.max(exponent, -126), 127) - 23);
}

/**
 * Distance of a float32 to a float64 value, in spacings of float32 at `magnitude` (at the value itself if not given).
 *
 *   NaN, ±Infinity      0 when equal, else Infinity
 *   results too large   ±Infinity counts as ±2^128
 *   exact below 2^-126  0 is right
 */
export function ulpDistance(got: number, exact: number, magnitude = Math.abs(exact)): number {
  if (!Number.isFinite(exact) || Number.isNaN(got)) return Object.is(got, exact) ? 0 : Infinity;
  if (got === 0 && Math.abs(exact) < 2 ** -126) return 0;
  const overflow = 2 ** 128;
  const g = Math.min(Math.max(got, -overflow), overflow);
  const e = Math.min(Math.max(exact, -overflow), overflow);
  return Math.abs(g - e) / spacing(magnitude);
}

export interface Worst {
  ulp: number;
  index: number;
}

/** The element farthest from what is exact; what lies between the exact and the flushed result has distance 0. */
export function worst(got: ArrayLike<number>, exact: Exact): Worst {
  const found: Worst = { ulp: -1, index: -1 };
  const { values, flushed, magnitudes } = exact;
  for (let i = 0; i < values.length; i++) {
    const g = got[i];
    const v = values[i];
    const f = flushed[i];
    if (v !== f && g >= Math.min(v, f) && g <= Math.max(v, f)) continue;
    const magnitude = magnitudes ? magnitudes[i] : Math.abs(v);
    let ulp = ulpDistance(g, v, magnitude);
    if (v !== f) ulp = Math.min(ulp, ulpDistance(g, f, magnitude));
    if (!(ulp <= found.ulp)) {
      found.ulp = ulp;
      found.index = i;
    }
  }
  return found;
}

/** Asserts that no element is farther than `bound`; the message says which is, and what was wanted. */
export function expectUlp(got: ArrayLike<number>, exact: Exact, bound: number, cols = 1, what = ''): void {
  expect(got.length, 'length').toBe(exact.values.length);
  const { ulp, index } = worst(got, exact);
  if (ulp <= bound) return;
  const place = `row ${Math.floor(index / cols)}, column ${index % cols}`;
  expect.fail(`${what} ${place}: got ${got[index]}, want ${exact.values[index]}, ${ulp} ULP, bound ${bound}`.trim());
}

/** Asserts the same bits in every element (any NaN equals any NaN). */
export function expectSame(got: ArrayLike<number>, want: ArrayLike<number>, cols = 1): void {
  expect(got.length, 'length').toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    const w = want[i];
    if (got[i] === w && w !== 0) continue;
    if (Object.is(got[i], w)) continue;
    const place = `row ${Math.floor(i / cols)}, column ${i % cols}`;
    expect.fail(`${place}: got ${show(got[i])}, want ${show(want[i])}`);
  }
}

function show(v: number): string {
  return Object.is(v, -0) ? '-0' : String(v);
}
