import type { RowOptions } from '../index.js';
import type { Block } from './block.js';
import { command, type Command, type Described } from './command.js';
import type { Functions } from './compute.js';
import { dryRun } from './dry-run.js';
import { libraryOptions } from './flag.js';
import { ROW_OP } from './flags.js';
import { runJob } from './job.js';
import { jobOptions } from './job-options.js';
import { checkOutputs } from './outputs.js';
import type { ResultShape } from './rows.js';

type Name = 'softmax' | 'logSoftmax' | 'logSumExp';
type Help = Pick<Described, 'op' | 'gives' | 'what' | 'example' | 'more'>;

/** softmax and log-softmax give rows; log-sum-exp one number a row. */
export const ROW_OPS: readonly Command[] = [
  rowOp('softmax', 'row', {
    op: 'softmax',
    gives: 'probabilities',
    what: 'Softmax of each row, in the shape of the logits.',
    example: 'logits.npy -o probs.npy',
    more: '--temperature 0.7',
  }),
  rowOp('logSoftmax', 'row', {
    op: 'log-softmax',
    gives: 'log-probabilities',
    what: 'Log-softmax of each row, in the shape of the logits.',
    example: 'logits.npy -o log-probs.npy',
  }),
  rowOp('logSumExp', 'scalar', {
    op: 'log-sum-exp',
    gives: 'one number a row',
    what: 'The logarithm of the sum of exponentials of each row, in the shape of the logits without its last axis.',
    example: 'logits.npy -o lse.npy',
  }),
];

function rowOp(name: Name, shape: ResultShape, help: Help): Command {
  return command({ ...help, usage: '[logits] [-o file]', flags: ROW_OP }, (line) => {
    const options = libraryOptions(ROW_OP, line.values);
    dryRun(ROW_OP, (scalar) => (scalar[name] as Functions[Name])(new Float32Array(0), 1, options));
    const job = jobOptions(line);
    const outputs = [{ path: line.values.output ?? '-', shape }];
    checkOutputs(outputs, job.format, [job.input]);
    return runJob(help.op, job, {
      outputs,
      start: ({ functions }) => Promise.resolve((block: Block) => compute(functions[name], block, shape, options)),
    });
  });
}

async function compute(
  rowFunction: Functions[Name],
  { runs, values, scalars }: Block,
  shape: ResultShape,
  options: RowOptions,
): Promise<void> {
  for (const { row, element, rows, cols } of runs) {
    const lse = scalars.subarray(row, row + rows);
    if (cols === 0) {
      // No row of the library is empty; log Σ of nothing is that of nothing but masks.
      lse.fill(-Infinity);
      continue;
    }
    const logits = values.subarray(element, element + rows * cols);
    await rowFunction(logits, cols, { ...options, out: shape === 'row' ? logits : lse });
  }
}
