import { expect, it } from 'vitest';
import { everyTier } from '../every-tier.js';
import * as inputs from '../inputs.js';
import * as reference from '../reference.js';
import { expectUlp } from '../ulp.js';

everyTier('logSumExp', (engine) => {
  it('keeps the digits of a result near 0', () => {
    // log1p(e^−20), as in CONTRACT section 3
    const [lse] = engine.logSumExp(Float32Array.of(0, -20), 2);
    expectUlp(
      [lse],
      { values: Float64Array.of(2.061153620314381e-9), flushed: Float64Array.of(2.061153620314381e-9) },
      4,
    );
  });

  it.each([2, 3, 10, 64, 65, 1000])('max 0 and %i columns, gaps 0 to 80', (cols) => {
    const logits = new Float32Array(81 * cols);
    for (let gap = 0; gap <= 80; gap++) {
      logits.fill(-gap, gap * cols, (gap + 1) * cols);
      logits[gap * cols + (gap % cols)] = 0;
    }
    expectUlp(engine.logSumExp(logits, cols), reference.logSumExp(logits, cols), 4);
  });

  it('of one column is the logit, over T', () => {
    const logits = Float32Array.of(0, -1, 3.4e38, 88.5, 1e-30);
    for (const temperature of [1, 2, 0.7]) {
      const values = Float64Array.from(logits, (x) => x / temperature);
      expectUlp(engine.logSumExp(logits, 1, { temperature }), { values, flushed: values }, 4);
    }
  });

  it('of n equal logits is the logit plus log n', () => {
    for (const cols of [2, 10, 64, 65, 1000, inputs.BEYOND_TILE]) {
      const values = Float64Array.of(Math.log(cols));
      expectUlp(engine.logSumExp(new Float32Array(cols), cols), { values, flushed: values }, 4);
    }
  });

  it('overflows only where the result does', () => {
    const logits = new Float32Array(12).fill(3.4e38);
    expectUlp(engine.logSumExp(logits, 4), reference.logSumExp(logits, 4), 4);
    expect([...engine.logSumExp(logits, 4, { temperature: 0.5 })]).toEqual(Array(3).fill(Infinity));
    expect([
      ...engine.logSumExp(
        logits.map((x) => -x),
        4,
        { temperature: 0.5 },
      ),
    ]).toEqual(Array(3).fill(-Infinity));
  });
});
