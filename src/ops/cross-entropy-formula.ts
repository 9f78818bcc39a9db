import type { Call } from '../operation.js';
import { EXP_SCALE, exp, expTable } from '../scalar/exp.js';
import { lseAtInfinity, rowExpRest, rowMaxIndex, rowRest, rowScale } from '../scalar/rows.js';
import { SoftTargets } from '../scalar/soft-targets.js';
import { fillView } from '../view.js';
import { DENSE, GRAD_SCALE, IGNORE_INDEX, KEEP, LABELS, LOSS_SCALE, SPREAD, Z_LOSS } from './cross-entropy-call.js';

/**
 * Cross-entropy of each row and its gradient with respect to the logits. With rest = Σ exp((x − m) / T) without the
 * maximum's own 1, Σ = 1 + rest, L = log1p(rest), a = exp((x − m) / T) / Σ and lse = m / T + L:
 *
 *   class index t   loss = w_t ((m − x_t) / T + L) + ζ lse²
 *                   dlogits_j = (w_t (a_j − δ_tj) + 2 ζ lse a_j) / T,   a_t − 1 as −rest / Σ or −(Σ − e_t) / Σ
 *   otherwise       loss = Σ τ_j ((m − x_j) / T + L) + ζ lse²,   τ_j = w_j ((1 − ε) t_j + ε / cols)
 *                   dlogits_j = (a_j (Στ + 2 ζ lse) − τ_j) / T
 *
 * both times the row's weight, where there are such: one of 0 makes them 0, whatever the row holds.
 *
 * logits, dlogits  f32[rows, cols], row-major; dlogits == logits is allowed. losses, lse  f32[rows].
 * Rows with the ignored class are not read. `total` is the sum in row order of the f32 row losses.
 */
export function crossEntropyRows(call: Call): void {
  const { rows, cols, temperature } = call;
  const [logits, , probs, weights, dlogits, losses, lse, rowWeights] = call.operands as (Float32Array | null)[] &
    [Float32Array];
  const labels = call.operands[LABELS];
  const { [LOSS_SCALE]: lossScale, [Z_LOSS]: zLoss, [IGNORE_INDEX]: ignoreIndex } = call.parameters;
  const { [KEEP]: keep, [SPREAD]: spread } = call.parameters;
  const soft = call.parameters[DENSE] === 1 ? new SoftTargets(probs, weights, cols, keep, spread) : null;
  const c = EXP_SCALE / temperature;
  const inverse = 1 / temperature;
  const allScale = call.parameters[GRAD_SCALE] * inverse;
  const powers = expTable();
  let { total } = call;

  for (let r = 0, start = 0; r < rows; r++, start += cols) {
    const end = start + cols;
    const label = labels === null ? -1 : labels[r];
    if (labels !== null && (label === ignoreIndex || !(label >= 0 && label < cols))) {
      if (losses !== null) losses[r] = 0;
      if (lse !== null) lse[r] = 0;
      if (dlogits !== null) fillView(dlogits, 0, start, end);
      continue;
    }

    const rowWeight = rowWeights === null ? 1 : rowWeights[r];
    const gradScale = allScale * rowWeight;
    const at = rowMaxIndex(logits, start, end);
    const m = logits[at];
    let loss = NaN;
    let rowLse: number;
    if (m - m !== 0) {
      rowLse = lseAtInfinity(logits, start, end, m);
      if (dlogits !== null) fillView(dlogits, NaN, start, end);
    } else {
      // dlogits may be logits: what the loss needs of the row is read before the exponentials are written.
      const xt = soft === null ? logits[start + label] : 0;
      const dot = soft === null ? 0 : soft.read(logits, start, label, m) * inverse;
      const rest =
        dlogits === null
          ? rowRest(logits, start, end, at, c, powers)
          : rowExpRest(logits, dlogits, start, end, at, c, powers);
      const log = Math.log1p(rest);
      rowLse = m * inverse + log;
      const pull = 2 * zLoss * rowLse;
      const s = 1 + rest;

      if (soft === null) {
        const w = weights === null ? 1 : weights[label];
        // Weight 0 on a -Infinity logit is 0, not NaN; a NaN row has a NaN log.
        loss = w === 0 ? 0 * log : w * ((m - xt) * inverse + log);
        if (dlogits !== null) {
          const t = start + label;
          const et = t === at ? 1 : exp((xt - m) * c, powers);
          const others = t === at ? rest : s - et;
          rowScale(dlogits, start, end, (gradScale * (w + pull)) / s);
          dlogits[t] = (gradScale * (pull * et - w * others)) / s;
        }
      } else {
        loss = dot + soft.sum * log;
        if (dlogits !== null) soft.gradient(dlogits, start, label, gradScale, (soft.sum + pull) / s);
      }
      if (zLoss > 0) loss += zLoss * rowLse * rowLse;
    }

    if (rowWeight === 0 && dlogits !== null) fillView(dlogits, 0, start, end);
    // + 0: a negative scale gives no -0, neither of loss 0 nor of what underflows.
    const rounded = rowWeight === 0 ? 0 : Math.fround(loss * lossScale * rowWeight) + 0;
    if (losses !== null) losses[r] = rounded;
    if (lse !== null) lse[r] = rowLse;
    total += rounded;
  }
  call.total = total;
}
