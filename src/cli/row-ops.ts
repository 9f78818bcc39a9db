import type { SoftmaxOptions } from '../index.js';
import type { Block } from './block.js';
import { command, type Command, type Described } from './command.js';
import type { Functions } from './compute.js';
import { dryRun } from './dry-run.js';
import { libraryOptions } from './flag.js';
import { ROW_OP, ROW_VALUE_OP } from './flags.js';
import { runJob } from './job.js';
import { jobOptions, partFilesOf } from './job-options.js';
import { checkOutputs } from './outputs.js';
import type { ResultShape } from './rows.js';

type Help = Pick<Described, 'op' | 'gives' | 'what' | 'example' | 'more'>;

/** An operation of logits alone: a function of the library, and what it gives. */
interface RowOp extends Help {
  readonly name: 'softmax' | 'logSoftmax' | 'logSumExp' | 'entropy';
  readonly shape: ResultShape;
  /** The one number of a row without elements, which the library does not know: that of nothing but masks. */
  readonly ofNothing: number;
}

const OPS: readonly RowOp[] = [
  {
    op: 'softmax',
    name: 'softmax',
    shape: 'row',
    ofNothing: NaN,
    gives: 'probabilities',
    what: 'Softmax of each row, in the shape of the logits.',
    example: 'logits.npy -o probs.npy',
    more: '--temperature 0.7',
  },
  {
    op: 'log-softmax',
    name: 'logSoftmax',
    shape: 'row',
    ofNothing: NaN,
    gives: 'log-probabilities',
    what: 'Log-softmax of each row, in the shape of the logits.',
    example: 'logits.npy -o log-probs.npy',
  },
  {
    op: 'log-sum-exp',
    name: 'logSumExp',
    shape: 'scalar',
    ofNothing: -Infinity,
    gives: 'one number a row',
    what: 'The logarithm of the sum of exponentials of each row, in the shape of the logits without their last axis.',
    example: 'logits.npy -o lse.npy',
  },
  {
    op: 'entropy',
    name: 'entropy',
    shape: 'scalar',
    ofNothing: NaN,
    gives: 'nats, one a row',
    what: "The entropy of each row's softmax in nats, in the shape of the logits without their last axis.",
    example: 'logits.npy -o entropy.npy',
  },
];

export const ROW_OPS: readonly Command[] = OPS.map((rowOp) => {
  const { op, name, shape } = rowOp;
  const flags = shape === 'row' ? ROW_OP : ROW_VALUE_OP;
  return command({ ...rowOp, usage: '[logits] [-o file]', flags }, (line) => {
    const options = libraryOptions(flags, line.values);
    dryRun(flags, (scalar) => (scalar as unknown as Functions)[name](new Float32Array(0), 1, options));
    const job = jobOptions(line);
    const outputs = [{ path: line.values.output ?? '-', shape }];
    checkOutputs(outputs, job.format, [job.input, ...partFilesOf(line.values)]);
    return runJob(op, job, {
      outputs,
      start: ({ functions }) => Promise.resolve((block: Block) => compute(functions, block, rowOp, options)),
    });
  });
});

async function compute(
  functions: Functions,
  block: Block,
  { name, shape, ofNothing }: RowOp,
  options: SoftmaxOptions,
): Promise<void> {
  for (const run of block.runs) {
    const values = block.scalars.subarray(run.row, run.row + run.rows);
    const out = shape === 'row' ? block.resultsOf(run) : values;
    if (run.cols === 0) values.fill(ofNothing);
    else await functions[name](block.logitsOf(run), run.cols, { ...options, ...block.layout, out });
  }
}
