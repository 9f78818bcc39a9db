import type { Block } from './block.js';
import type { Compute } from './compute.js';
import { checkArguments } from './arguments.js';
import { checkOutputs, commonOptions, numberFlag, type ROW_OP_FLAGS, type Flags } from './flags.js';
import type { ResultShape } from './format.js';
import { runJob } from './job.js';

const ROW_OPS = { softmax: 'softmax', 'log-softmax': 'logSoftmax', 'log-sum-exp': 'logSumExp' } as const;

export type RowOp = keyof typeof ROW_OPS;

export function isRowOp(op: string): op is RowOp {
  return Object.hasOwn(ROW_OPS, op);
}

/** softmax and log-softmax give rows; log-sum-exp one number a row. */
export function runRowOp(op: RowOp, flags: Flags<typeof ROW_OP_FLAGS>): Promise<void> {
  const temperature = numberFlag(op, 'temperature', flags.values.temperature);
  const name = ROW_OPS[op];
  const shape: ResultShape = op === 'log-sum-exp' ? 'scalar' : 'row';
  checkArguments(op, (scalar) => scalar[name](new Float32Array(0), 1, { temperature }));
  const options = commonOptions(flags);
  const outputs = [{ path: flags.values.output ?? '-', shape }];
  checkOutputs(op, outputs, options.format, [options.input]);
  return runJob(op, options, {
    outputs,
    start: (threads) => Promise.resolve((block: Block) => compute(threads, name, block, shape, temperature)),
  });
}

async function compute(
  { functions }: Compute,
  name: (typeof ROW_OPS)[RowOp],
  { runs, values, scalars }: Block,
  shape: ResultShape,
  temperature: number | undefined,
): Promise<void> {
  for (const { row, element, rows, cols } of runs) {
    const lse = scalars.subarray(row, row + rows);
    if (cols === 0) {
      // No row of the library is empty; log Σ of nothing is that of nothing but masks.
      lse.fill(-Infinity);
      continue;
    }
    const logits = values.subarray(element, element + rows * cols);
    await functions[name](logits, cols, { out: shape === 'row' ? logits : lse, temperature });
  }
}
