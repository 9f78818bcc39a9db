import { describe, expect, it } from 'vitest';
import { everyTier } from '../every-tier.js';
import * as inputs from '../inputs.js';
import * as reference from '../reference.js';
import { spacing } from '../ulp.js';

// The z term, where lse cancels: a row's loss and dlogits are within their own bounds and what δ, the bound of lse, moves
// ζ·lse² and 2ζ·lse·a (docs/accuracy-bounds.md, "The z term").

const COLS = [3, 10, 63, 64, 150, 1000];
const TEMPERATURES = [1, 0.37, 2.5];
const ROWS = 40;

/** Rows of logits around −T log(cols), whose lse is near 0: 0.1 to 1e-4 on either side. */
function nearZero(cols: number, temperature: number, seed: number): Float32Array<ArrayBuffer> {
  const logits = inputs.normal(ROWS * cols, -Math.log(cols) * temperature, 0.1 * temperature, seed);
  const { values } = reference.logSumExp(logits, cols, temperature);
  const lseOf = (r: number) => (r % 2 === 0 ? 1 : -1) * 10 ** (-1 - (3 * r) / ROWS);
  return logits.map((x, i) => {
    const r = Math.floor(i / cols);
    return x + (lseOf(r) - values[r]) * temperature;
  });
}

everyTier('zLoss', (engine) => {
  describe.each(COLS)('%i columns', (cols) => {
    it.each(TEMPERATURES)('T = %f', (temperature) => {
      let [most, without] = [0, 0];
      for (const zLoss of [1e-4, 1, 1e6]) {
        const logits = nearZero(cols, temperature, cols);
        const targets = inputs.classIndices(ROWS, cols, cols + 1);
        const options = { zLoss, temperature, reduction: 'none' } as const;
        const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, options);
        const { losses, lse, dlogits: grad } = reference.crossEntropy(logits, targets, cols, options);
        const { values: probs } = reference.softmax(logits, cols, temperature);
        for (let r = 0; r < ROWS; r++) {
          const exact = lse.values[r];
          const delta = 4 * spacing(lse.magnitudes![r]);
          const moved = 2 * zLoss * Math.abs(exact) * delta + zLoss * delta ** 2;
          const own = 4 * spacing(losses.values[r]);
          const off = Math.abs(loss[r] - losses.values[r]);
          most = Math.max(most, off / (own + moved));
          without = Math.max(without, off / own);
          for (let i = r * cols; i < (r + 1) * cols; i++) {
            const allowed = 6 * spacing(grad.magnitudes![i]) + (2 * zLoss * probs[i] * delta) / temperature;
            most = Math.max(most, Math.abs(dlogits[i] - grad.values[i]) / allowed);
          }
        }
      }
      expect(most).toBeLessThanOrEqual(1);
      // These rows are of the kind that the bounds without the z term's part do not cover.
      if (cols <= 150) expect(without).toBeGreaterThan(1);
    });
  });
});
