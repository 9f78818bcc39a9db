import { expect, it } from 'vitest';
import { everyTier } from '../every-tier.js';
import * as inputs from '../inputs.js';
import { expectSame } from '../ulp.js';

// Cross-entropy alone: weights of rows, and rows side by side where its kernel takes ways of its own.

/** [cols, inner] to [inner, cols]. */
function turned(x: Float32Array, cols: number): Float32Array {
  const inner = x.length / cols;
  return Float32Array.from(x, (_, i) => x[(i % cols) * inner + Math.floor(i / cols)]);
}

everyTier('cross-entropy of rows as they are', (engine) => {
  it('a row of weight 0 costs nothing, whatever it holds', () => {
    for (const cols of [1, 3, 10, 63, 64, 100]) {
      for (const odd of [NaN, Infinity, -Infinity]) {
        const logits = inputs.normal(5 * cols, 0, 2, cols);
        logits.fill(odd, cols, 2 * cols);
        const rowWeights = Float32Array.of(1, 0, 2, 0, 1);
        const targets = Int32Array.from({ length: 5 }, (_, r) => r % cols);
        const losses = new Float32Array(5).fill(7);
        for (const of of [targets, inputs.softLabels(5, cols, 3)]) {
          const { loss, dlogits } = engine.crossEntropyWithGrad(logits, of, cols, { rowWeights, losses });
          expect(loss).toBeGreaterThanOrEqual(0);
          for (const r of [1, 3]) {
            expect(losses[r]).toBe(0);
            expect(Array.from(dlogits.subarray(r * cols, (r + 1) * cols))).toEqual(new Array(cols).fill(0));
          }
        }
      }
    }
  });

  it('weights multiply loss and gradient, the z term too, not lse', () => {
    for (const cols of [5, 100]) {
      const logits = inputs.normal(3 * cols, 0, 2, cols);
      const targets = Int32Array.of(0, 1, 2);
      const options = { reduction: 'none', zLoss: 0.5, classWeights: inputs.uniform(cols, 0.5, 2, 1) } as const;
      const [lse, weighted] = [new Float32Array(3), new Float32Array(3)];
      const plain = engine.crossEntropyWithGrad(logits, targets, cols, { ...options, lse });
      // Powers of two round nothing.
      const rowWeights = Float32Array.of(2, -0.5, 1);
      const got = engine.crossEntropyWithGrad(logits, targets, cols, { ...options, rowWeights, lse: weighted });
      expectSame(weighted, lse);
      expectSame(
        got.loss,
        plain.loss.map((v, r) => v * rowWeights[r]),
      );
      expectSame(
        got.dlogits,
        plain.dlogits.map((v, i) => v * rowWeights[Math.floor(i / cols)]),
        cols,
      );
    }
  });

  it('a weight that is NaN makes its row NaN, and the divisor does not know weights', () => {
    const logits = Float32Array.of(0, 0, 0, 0);
    const targets = Int32Array.of(0, 1);
    const losses = new Float32Array(2);
    engine.crossEntropy(logits, targets, 2, { rowWeights: Float32Array.of(NaN, 1), losses });
    expect(losses[0]).toBeNaN();
    expect(losses[1]).toBeCloseTo(Math.LN2, 6);
    const loss = engine.crossEntropy(logits, targets, 2, { rowWeights: Float32Array.of(3, 1) });
    expect(loss).toBeCloseTo(2 * Math.LN2, 6);
  });

  it('a factor that no float32 holds, side by side', () => {
    for (const scale of [1e-40, 1e38]) {
      const [cols, inner] = [7, 21];
      const x = inputs.normal(cols * inner, 0, 1, 5);
      const targets = Int32Array.from({ length: inner }, (_, r) => r % cols);
      const want = engine.crossEntropyGrad(turned(x, cols), targets, cols, { scale, reduction: 'sum' });
      const got = engine.crossEntropyGrad(x, targets, cols, { scale, reduction: 'sum', inner });
      expectSame(turned(got, cols), want, cols);
    }
  });

  it('wide rows side by side, more than are turned at a time', () => {
    // More than a whole block is turned at: 131,072 elements.
    const [cols, inner] = [100, 1500];
    const x = inputs.normal(cols * inner, 0, 1, 5);
    const targets = Int32Array.from({ length: inner }, (_, r) => (r * 7) % cols);
    const options = { reduction: 'none', rowWeights: inputs.uniform(inner, 0.5, 2, 2) } as const;
    const want = engine.crossEntropyWithGrad(turned(x, cols), targets, cols, options);
    const got = engine.crossEntropyWithGrad(x, targets, cols, { ...options, inner });
    expectSame(got.loss, want.loss);
    expectSame(turned(got.dlogits, cols), want.dlogits, cols);
  });

  it('ignored rows side by side are zeros wherever something stood', () => {
    const [cols, inner] = [5, 37];
    const x = inputs.normal(cols * inner, 0, 1, 5).fill(NaN, 0, 3);
    const targets = Int32Array.from({ length: inner }, (_, r) => (r % 3 === 0 || r < 3 ? -100 : r % cols));
    const [out, losses, lse] = [x.length, inner, inner].map((length) => new Float32Array(length).fill(7));
    const { loss } = engine.crossEntropyWithGrad(x, targets, cols, { inner, out, losses, lse, reduction: 'sum' });
    targets.forEach((label, r) => {
      const row = [...Array.from({ length: cols }, (_, c) => out![c * inner + r]), losses![r], lse![r]];
      if (label === -100) expect(row).toEqual([0, 0, 0, 0, 0, 0, 0]);
      else expect(row.every(Number.isFinite)).toBe(true);
    });
    expect(loss).toBe(losses!.reduce((sum, value) => sum + value, 0));
  });

  it('a factor that no float32 holds, of one row among others', () => {
    const cols = 5;
    for (const weight of [1e-40, 1e38]) {
      for (let odd = 0; odd < 4; odd++) {
        const rowWeights = Float32Array.from({ length: 4 }, (_, r) => (r === odd ? weight : 1));
        const x = inputs.normal(4 * cols, 0, 1, 5);
        const targets = Int32Array.of(0, 1, 2, 3);
        const got = engine.crossEntropyGrad(x, targets, cols, { rowWeights, scale: 3, reduction: 'sum' });
        targets.forEach((label, r) => {
          const options = { rowWeights: rowWeights.slice(r, r + 1), scale: 3, reduction: 'sum' } as const;
          const row = x.slice(r * cols, (r + 1) * cols);
          const want = engine.crossEntropyGrad(row, Int32Array.of(label), cols, options);
          expectSame(got.slice(r * cols, (r + 1) * cols), want, cols);
        });
      }
    }
  });
});
