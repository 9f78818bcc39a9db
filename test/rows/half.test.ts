import { expect, it } from 'vitest';
import { everyTier } from '../every-tier.js';
import { fromFloat, type HalfKind, isNaNHalf, toFloat } from './half.js';

// Half floats in and out, each of their values: CONTRACT section 6.

const KINDS: HalfKind[] = ['float16', 'bfloat16'];
const ALL = Uint16Array.from({ length: 65536 }, (_, bits) => bits);

everyTier('half floats', (engine) => {
  it.each(KINDS)('every %s as a logit', (dtype) => {
    // A row of one column has its logit as its log-sum-exp.
    const got = engine.logSumExp(ALL, 1, { dtype });
    const wrong = [...ALL].filter((bits) => !Object.is(got[bits] + 0, toFloat(dtype, bits) + 0));
    expect(wrong).toEqual([]);
  });

  it('blocks of normal halves around a subnormal one, an infinity, a NaN, of every length', () => {
    for (const odd of [0x0001, 0x83ff, 0x7c00, 0x7e00, 0x8000]) {
      for (let n = 1; n <= 70; n++) {
        const bits = new Uint16Array(n).fill(0x3c00);
        bits[n - 1] = odd;
        bits[n >> 1] = odd;
        const got = engine.logSumExp(bits, 1, { dtype: 'float16' });
        expect(Array.from(got)).toEqual(Array.from(bits, (half) => toFloat('float16', half) + 0));
      }
    }
  });

  it.each(KINDS)('%s results are rounded once, to nearest even', (dtype) => {
    // With logits 0 and -Infinity, a = (1, 0); targets (0, ½) make the gradient (½, -½), times the row's weight.
    const values = roundings(dtype);
    for (let from = 0; from < values.length; from += 97) {
      const some = values.slice(from, from + 97);
      const logits = new Uint16Array(2 * some.length);
      const minus = dtype === 'float16' ? 0xfc00 : 0xff80;
      for (let r = 0; r < some.length; r++) logits[2 * r + 1] = minus;
      const targets = new Float32Array(2 * some.length);
      for (let r = 0; r < some.length; r++) targets[2 * r + 1] = 0.5;
      const rowWeights = Float32Array.from(some, (value) => 2 * value);
      const given = { reduction: 'sum', rowWeights, dtype } as const;
      const floats = engine.crossEntropyGrad(logits, targets, 2, given);
      const out = engine.crossEntropyGrad(logits, targets, 2, { ...given, out: new Uint16Array(logits.length) });
      some.forEach((value, r) => {
        expect(floats[2 * r]).toBe(value);
        if (Number.isNaN(value)) expect(isNaNHalf(dtype, out[2 * r])).toBe(true);
        else expect(out[2 * r]).toBe(fromFloat(dtype, value));
      });
    }
  });
});

/** Floats between, at, and beside the halves: each midpoint is a tie. */
function roundings(kind: HalfKind): number[] {
  const values: number[] = [];
  const neighbour = new Float32Array(1);
  const bits = new Int32Array(neighbour.buffer);
  for (let half = 0; half < 0x7fff; half += 37) {
    const [low, high] = [toFloat(kind, half), toFloat(kind, half + 1)];
    if (high > 2 ** 126 || low < 2 ** -120) continue;
    neighbour[0] = (low + high) / 2;
    values.push(low, neighbour[0]);
    bits[0]--;
    values.push(neighbour[0]);
    bits[0] += 2;
    values.push(-neighbour[0]);
  }
  if (kind === 'float16')
    values.push(65504, 65519, 65519.99609375, 65520, -65520, 1e6, 2 ** -25, 2 ** -24, 3 * 2 ** -25);
  return values;
}
