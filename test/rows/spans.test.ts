import { expect, it } from 'vitest';
import { everyTier } from '../every-tier.js';
import * as inputs from '../inputs.js';
import { expectSame } from '../ulp.js';

// Intervals of wide rows, where what is not computed shows.

everyTier('intervals', (engine) => {
  it('sums end at the same columns wherever a row begins', () => {
    // Sums of stretches of 512 columns: rows that begin in the middle of one must not move them.
    const cols = 1600;
    for (let start = 32; start < 700; start += 33) {
      const x = inputs.normal(3 * cols, 0, 3, start);
      const written = x.map((v, i) => (i % cols < start ? -Infinity : v));
      const starts = Int32Array.of(start);
      for (const temperature of [1, 0.7]) {
        expectSame(
          engine.logSumExp(x, cols, { starts, temperature }),
          engine.logSumExp(written, cols, { temperature }),
        );
        expectSame(
          engine.softmax(x, cols, { starts, temperature }),
          engine.softmax(written, cols, { temperature }),
          cols,
        );
      }
    }
  });

  it('tangents are read only where something takes part', () => {
    for (const cols of [5, 100]) {
      const x = inputs.normal(2 * cols, 0, 1, 3);
      const tangent = inputs.normal(2 * cols, 0, 1, 4);
      const ends = Int32Array.of(2, 3);
      const want = engine.softmaxWithJvp(x, tangent, cols, { ends });
      const odd = tangent.map((v, i) => (i % cols < ends[Math.floor(i / cols)] ? v : NaN));
      const got = engine.softmaxWithJvp(x, odd, cols, { ends });
      expectSame(got.jvp, want.jvp, cols);
      expect(got.jvp.every((v) => !Number.isNaN(v))).toBe(true);
    }
  });

  it('logits that take no part are not read, soft targets are', () => {
    const cols = 100;
    const x = inputs
      .normal(2 * cols, 0, 1, 3)
      .fill(NaN, 40, 100)
      .fill(Infinity, 130, 200);
    const ends = Int32Array.of(40, 30);
    expect(engine.logSumExp(x, cols, { ends }).every(Number.isFinite)).toBe(true);
    // Mass on a class that takes no part: loss +Infinity, its gradient minus the mass.
    const targets = inputs.softLabels(2, cols, 5);
    const { loss, dlogits } = engine.crossEntropyWithGrad(x, targets, cols, { ends, reduction: 'none' });
    expect(Array.from(loss)).toEqual([Infinity, Infinity]);
    expect(dlogits[99]).toBe(-targets[99]);
    const labels = engine.crossEntropyWithGrad(x, Uint8Array.of(3, 77), cols, { ends, reduction: 'none' });
    expect(labels.loss[1]).toBe(Infinity);
    expect([labels.dlogits[100 + 77], labels.dlogits[100 + 78]]).toEqual([-1, 0]);
  });

  it('a row of which nothing takes part is one of -Infinity', () => {
    for (const cols of [5, 100, 700]) {
      const x = inputs.normal(2 * cols, 0, 1, 3);
      const ends = Int32Array.of(0, cols);
      expect(engine.softmax(x, cols, { ends }).subarray(0, cols).every(Number.isNaN)).toBe(true);
      expect(engine.logSumExp(x, cols, { ends })[0]).toBe(-Infinity);
      const zeros = engine.softmax(x, cols, { ends, emptyRows: 'zero' });
      expect(zeros.subarray(0, cols).every((p) => p === 0)).toBe(true);
      expectSame(zeros.subarray(cols), engine.softmax(x.subarray(cols), cols), cols);
      // Not one of which nothing but a NaN does.
      const nan = engine.softmax(x.fill(NaN, 0, 1), cols, { ends: Int32Array.of(1, 1), emptyRows: 'zero' });
      expect(nan.subarray(0, cols).every(Number.isNaN)).toBe(true);
      x[0] = 0;
      const { loss, dlogits } = engine.crossEntropyWithGrad(x, Uint8Array.of(0, 0), cols, { ends, reduction: 'none' });
      expect(loss[0]).toBeNaN();
      expect(dlogits.subarray(0, cols).every(Number.isNaN)).toBe(true);
    }
  });
});
