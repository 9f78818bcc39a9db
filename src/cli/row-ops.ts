import type { Engine } from '../index.js';
import { loadLogits, saveAll, translateErrors } from './arrays.js';
import { engineOf, fileName, inputFile, numberFlag, usageError, type Flags, type ROW_OP_FLAGS } from './flags.js';
import { npy } from './npy.js';

type RowFunction = Engine['softmax' | 'logSoftmax' | 'logSumExp'];

const ROW_OPS = { softmax: 'softmax', 'log-softmax': 'logSoftmax', 'log-sum-exp': 'logSumExp' } as const;

export type RowOp = keyof typeof ROW_OPS;

export function isRowOp(op: string): op is RowOp {
  return Object.hasOwn(ROW_OPS, op);
}

/** softmax and log-softmax keep the shape; log-sum-exp drops the last axis. */
export async function runRowOp(op: RowOp, flags: Flags<typeof ROW_OP_FLAGS>): Promise<void> {
  const input = inputFile(flags);
  if (flags.values.output === undefined) throw usageError(op, 'expected -o with a file to write');
  const path = fileName(op, flags.values.output);
  const temperature = numberFlag(op, 'temperature', flags.values.temperature);
  const engine = engineOf(op, flags.values.tier);
  const compute: RowFunction = engine[ROW_OPS[op]];
  // An empty batch has the options checked before a large file is read.
  translateErrors(op, {}, () => compute(new Float32Array(0), 1, { temperature }));

  const logits = await loadLogits(npy, input);
  const out = op === 'log-sum-exp' ? undefined : logits.values;
  const values = translateErrors(op, { logits }, () => compute(logits.values, logits.cols, { temperature, out }));
  await saveAll(npy, [{ path, shape: op === 'log-sum-exp' ? logits.rowShape : logits.shape, values }]);
}
