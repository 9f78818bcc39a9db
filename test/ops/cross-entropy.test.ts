import { describe, expect, it } from 'vitest';
import { CROSS_ENTROPY_CASES } from './cross-entropy-cases.js';
import { everyTier, named } from '../every-tier.js';
import * as inputs from '../inputs.js';
import * as reference from '../reference.js';
import { expectSame, expectUlp } from '../ulp.js';

everyTier('cross-entropy', (engine) => {
  describe('rows: losses, lse and dlogits', () => {
    it.each(named(CROSS_ENTROPY_CASES))('%s', (_, { logits, targets, cols, options, lossBound, exact }) => {
      const lse = new Float32Array(logits.length / cols);
      const all = { ...options, reduction: 'none', lse } as const;
      const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, all);
      const want = exact.none();
      expectUlp(loss, { values: want.losses.values, flushed: want.losses.flushed }, lossBound);
      expectUlp(lse, want.lse, 4);
      expectUlp(dlogits, want.dlogits, 6, cols);
      const negative = loss.findIndex((l) => l < 0 || Object.is(l, -0));
      expect(negative, `row with a loss that is not ≥ +0: ${loss[negative]}`).toBe(-1);
    });
  });

  describe('mean', () => {
    it.each(named(CROSS_ENTROPY_CASES))('%s', (_, { logits, targets, cols, options, exact }) => {
      const losses = new Float32Array(logits.length / cols);
      const loss = engine.crossEntropy(logits, targets, cols, { ...options, losses });
      const want = exact.mean();
      expectUlp([loss], want.loss, 6);
      const total = losses.reduce((a, b) => a + b, 0);
      // The very float64 of CONTRACT: the sum in row order of the f32 row losses, over the divisor.
      expect(loss).toBe(total / divisorInRowOrder(targets, losses.length, options));
      expectUlp(engine.crossEntropyGrad(logits, targets, cols, options), want.dlogits, 6, cols);
    });
  });

  describe('mean with a divisor', () => {
    const some = CROSS_ENTROPY_CASES.filter(({ logits }) => logits.length < 2000);
    it.each(named(some))('%s', (_, { logits, targets, cols, options }) => {
      for (const divisor of [7.5, -3]) {
        const losses = new Float32Array(logits.length / cols);
        const all = { ...options, divisor, losses };
        const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, all);
        const want = reference.crossEntropy(logits, targets, cols, all);
        expectUlp([loss], want.loss, 6);
        expect(loss).toBe(losses.reduce((a, b) => a + b, 0) / divisor + 0);
        expect(engine.crossEntropy(logits, targets, cols, all)).toBe(loss);
        expectUlp(dlogits, want.dlogits, 6, cols);
        expectSame(engine.crossEntropyGrad(logits, targets, cols, all), dlogits, cols);
        // Row losses are not divided.
        const plain = engine.crossEntropy(logits, targets, cols, { ...options, reduction: 'none' });
        expectSame(losses, plain, cols);
      }
    });
  });

  it.each([2, 5, 10, 64, 65, 1000, inputs.LONG_ROW])('parts of a batch with its divisor, %i columns', (cols) => {
    const rows = 9;
    const logits = inputs.normal(rows * cols, 0, 4, cols);
    const labels = inputs.classIndices(rows, cols, cols).map((label, r) => (r % 4 === 1 || r > 6 ? -100 : label));
    const classWeights = inputs.uniform(cols, 0.1, 3, cols);
    const soft = inputs.softLabels(rows, cols, cols);
    for (const targets of [labels, soft]) {
      for (const options of [{}, { classWeights, zLoss: 0.1, scale: 3, temperature: 0.7, labelSmoothing: 0.1 }]) {
        const losses = new Float32Array(rows);
        const whole = engine.crossEntropyWithGrad(logits, targets, cols, { ...options, losses });
        const divisor = divisorInRowOrder(targets, rows, options);
        let sum = 0;
        // The last part has no label of its own.
        for (const [from, to] of [
          [0, 1],
          [1, 7],
          [7, 9],
        ] as const) {
          const width = targets === soft ? cols : 1;
          const part = engine.crossEntropyWithGrad(
            logits.subarray(from * cols, to * cols),
            targets.subarray(from * width, to * width),
            cols,
            { ...options, divisor },
          );
          expectSame(part.dlogits, whole.dlogits.subarray(from * cols, to * cols), cols);
          sum += part.loss;
        }
        expect(Math.abs(sum - whole.loss)).toBeLessThanOrEqual(1e-12 * Math.abs(whole.loss));
      }
    }
  });

  describe('sum', () => {
    const sums = CROSS_ENTROPY_CASES.filter(({ logits }) => logits.length < 2000);
    it.each(named(sums))('%s', (_, { logits, targets, cols, options, exact }) => {
      const losses = new Float32Array(logits.length / cols);
      const all = { ...options, reduction: 'sum', losses } as const;
      const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, all);
      expectUlp([loss], exact.none().loss, 6);
      expect(loss).toBe(losses.reduce((a, b) => a + b, 0));
      expectUlp(dlogits, exact.none().dlogits, 6, cols);
    });
  });

  describe('targets of both signs', () => {
    // No promise in ULP of a loss whose terms cancel: 6 ULP of the sum of their absolute values, as the reduced loss has.
    it.each([2, 5, 10, 64, 65, 1000])('%i columns', (cols) => {
      const logits = inputs.normal(9 * cols, 0, 4, cols);
      const targets = inputs.uniform(9 * cols, -1, 1, cols);
      const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols);
      const want = reference.crossEntropy(logits, targets, cols);
      expectUlp([loss], want.loss, 6);
      expectUlp(dlogits, want.dlogits, 6, cols);
    });
  });

  it('a loss of 1e-9 is 1e-9', () => {
    // −log a_t = log1p(e^−d) with d = −log(expm1(1e-9)), rounded to float32: 20.723265
    const gap = Math.fround(-Math.log(Math.expm1(1e-9)));
    const values = Float64Array.of(Math.log1p(Math.exp(-gap)));
    expect(values[0]).toBeCloseTo(1e-9, 14);
    const loss = engine.crossEntropy(Float32Array.of(gap, 0), Int32Array.of(0), 2, { reduction: 'none' });
    expectUlp(loss, { values, flushed: values }, 4);
    const [label, other] = engine.crossEntropyGrad(Float32Array.of(gap, 0), Int32Array.of(0), 2);
    const slope = Float64Array.of(1 / (1 + Math.exp(gap)));
    expectUlp([-label], { values: slope, flushed: slope }, 6);
    expectUlp([other], { values: slope, flushed: slope }, 6);
  });

  it.each([2, 10, 64, 65, 1000])('scales that no float holds, %i columns', (cols) => {
    // Beyond 2^-126 and 2^128 the scale over Σ is no float32, while its products with small terms are.
    const logits = inputs.normal(5 * cols, 0, 4, cols);
    const labels = inputs.classIndices(5, cols, cols);
    for (const scale of [1e-36, -1e-36, 1e-40, 1e36, 1e39, -1e39, 1e42]) {
      const options = { scale, reduction: 'none' } as const;
      const { loss, dlogits } = engine.crossEntropyWithGrad(logits, labels, cols, options);
      const want = reference.crossEntropy(logits, labels, cols, options);
      expectUlp(loss, { values: want.losses.values, flushed: want.losses.flushed }, 4, 1, `scale ${scale}`);
      expectUlp(dlogits, want.dlogits, 6, cols, `scale ${scale}`);
    }
  });

  it.each([1, 2, 10, 64, 65, 1000, inputs.LONG_ROW])(
    'an ignored row is zeros wherever something stood, %i columns',
    (cols) => {
      const logits = inputs.normal(2 * cols, 0, 4, 1);
      const label = cols - 1;
      // The call before leaves its own losses and lse in every place that this one may read back.
      const before = { losses: new Float32Array(2), lse: new Float32Array(2) };
      const plain = engine.crossEntropyWithGrad(logits, Int32Array.of(label, label), cols, {
        ...before,
        ignoreIndex: -1,
        zLoss: 0.5,
      });
      expect(plain.loss).not.toBe(0);
      const alone = engine.crossEntropyWithGrad(logits.subarray(cols), Int32Array.of(label), cols);
      logits.fill(NaN, 0, cols);
      const [losses, lse] = [Float32Array.of(5, 5), Float32Array.of(5, 5)];
      const out = new Float32Array(2 * cols).fill(5);
      const { loss, dlogits } = engine.crossEntropyWithGrad(logits, Int32Array.of(-7, label), cols, {
        ignoreIndex: -7,
        losses,
        lse,
        out,
      });
      expect(loss).toBe(alone.loss);
      expect([losses[0], lse[0]]).toEqual([0, 0]);
      expect(
        dlogits.subarray(0, cols).every((v) => Object.is(v, 0)),
        'dlogits +0',
      ).toBe(true);
      expectSame(dlogits.subarray(cols), alone.dlogits, cols);
    },
  );
});

function divisorInRowOrder(
  targets: Int32Array | Float32Array,
  rows: number,
  { ignoreIndex = -100, classWeights }: { ignoreIndex?: number; classWeights?: Float32Array },
): number {
  if (targets instanceof Float32Array) return rows;
  let divisor = 0;
  for (const t of targets) if (t !== ignoreIndex) divisor += classWeights ? classWeights[t] : 1;
  return divisor;
}
