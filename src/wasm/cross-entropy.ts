import type { CrossEntropyTask } from '../backend.js';
import { ALPHA, BETA, GRAD_SCALE, IGNORE, type Kernels, LOSS_SCALE, ZETA } from './kernels.js';
import {
  LABELS,
  type LinearMemory,
  LONGEST,
  LOSSES,
  LSE,
  PARAMETERS,
  SLOT_A,
  SLOT_B,
  STATE,
  TABLE,
  TILE,
  tileRows,
  WEIGHTS,
} from './memory.js';
import type { Stream } from './stream.js';

/** Marshals one call of cross-entropy; returns the f64 sum of the f32 row losses in row order. */
export function crossEntropy(kernels: Kernels, memory: LinearMemory, stream: Stream, task: CrossEntropyTask): number {
  writeParameters(memory, task);
  return task.cols > LONGEST ? stream.crossEntropy(task) : inTiles(kernels, memory, task);
}

function writeParameters(memory: LinearMemory, task: CrossEntropyTask): void {
  const at = PARAMETERS >> 3;
  const { f64, i32 } = memory;
  f64[at + (LOSS_SCALE >> 3)] = task.lossScale;
  f64[at + (GRAD_SCALE >> 3)] = task.gradScale;
  f64[at + (ALPHA >> 3)] = 1 - task.labelSmoothing;
  f64[at + (BETA >> 3)] = task.labelSmoothing / task.cols;
  f64[at + (ZETA >> 3)] = task.zLoss;
  i32[(PARAMETERS + IGNORE) >> 2] = task.ignoreIndex;
}

function inTiles(kernels: Kernels, memory: LinearMemory, task: CrossEntropyTask): number {
  const { logits, dlogits, targets, rows, cols, classWeights, losses, lse } = task;
  const labels = task.indices ? (targets as Int32Array) : null;
  const probs = task.indices ? null : (targets as Float32Array);
  const xPtr = memory.pointer(logits);
  const labelsPtr = labels ? memory.pointer(labels) : 0;
  const tPtr = probs ? memory.pointer(probs) : 0;
  let wPtr = classWeights ? memory.pointer(classWeights) : 0;
  const dlPtr = dlogits ? memory.pointer(dlogits) : 0;
  const lossesPtr = losses ? memory.pointer(losses) : 0;
  const lsePtr = lse ? memory.pointer(lse) : 0;
  if (classWeights && !wPtr) {
    memory.copyIn(classWeights, 0, cols, WEIGHTS);
    wPtr = WEIGHTS;
  }
  // Per-row slots hold TILE rows, also when the large operands need no copy.
  const resident = xPtr && (!probs || tPtr) && (!dlogits || dlPtr);
  const step = resident ? TILE : tileRows(cols);
  let sum = 0;
  for (let r = 0; r < rows; r += step) {
    const n = Math.min(step, rows - r);
    const from = r * cols;
    if (!xPtr) memory.copyIn(logits, from, n * cols, SLOT_A);
    if (labels && !labelsPtr) memory.copyLabelsIn(labels, r, n);
    if (probs && !tPtr) memory.copyIn(probs, from, n * cols, SLOT_B);
    const lossAt = lossesPtr ? lossesPtr + 4 * r : LOSSES;
    kernels.crossEntropy(
      xPtr ? xPtr + 4 * from : SLOT_A,
      labels ? (labelsPtr ? labelsPtr + 4 * r : LABELS) : 0,
      probs ? (tPtr ? tPtr + 4 * from : SLOT_B) : 0,
      wPtr,
      dlogits ? (dlPtr ? dlPtr + 4 * from : SLOT_A) : 0,
      lossAt,
      lse ? (lsePtr ? lsePtr + 4 * r : LSE) : 0,
      n,
      cols,
      TABLE,
      STATE,
      PARAMETERS,
    );
    for (let i = lossAt >> 2, end = i + n; i < end; i++) sum += memory.f32[i];
    if (dlogits && !dlPtr) memory.copyOut(SLOT_A, dlogits, from, n * cols);
    if (losses && !lossesPtr) memory.copyOut(LOSSES, losses, r, n);
    if (lse && !lsePtr) memory.copyOut(LSE, lse, r, n);
  }
  return sum;
}
