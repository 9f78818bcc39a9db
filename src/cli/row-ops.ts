import { command, type Command, type Described } from './command.js';
import { ARGMAX, ROW_OP, ROW_VALUE_OP, TOP_K } from './flags.js';
import { runRowOp, type RowOp } from './row-job.js';

type Help = Pick<Described, 'gives' | 'what' | 'example' | 'more' | 'notes'>;

const OPS: readonly (RowOp & Help)[] = [
  {
    op: 'softmax',
    name: 'softmax',
    flags: ROW_OP,
    results: { output: 'row' },
    ofNothing: NaN,
    gives: 'probabilities',
    what: 'Softmax of each row, in the shape of the logits.',
    example: 'logits.npy -o probs.npy',
    more: '--temperature 0.7',
  },
  {
    op: 'log-softmax',
    name: 'logSoftmax',
    flags: ROW_OP,
    results: { output: 'row' },
    ofNothing: NaN,
    gives: 'log-probabilities',
    what: 'Log-softmax of each row, in the shape of the logits.',
    example: 'logits.npy -o log-probs.npy',
  },
  {
    op: 'log-sum-exp',
    name: 'logSumExp',
    flags: ROW_VALUE_OP,
    results: { output: 'values' },
    ofNothing: -Infinity,
    gives: 'one number a row',
    what: 'The logarithm of the sum of exponentials of each row, in the shape of the logits without their last axis.',
    example: 'logits.npy -o lse.npy',
  },
  {
    op: 'entropy',
    name: 'entropy',
    flags: ROW_VALUE_OP,
    results: { output: 'values' },
    ofNothing: NaN,
    gives: 'nats, one a row',
    what: "The entropy of each row's softmax in nats, in the shape of the logits without their last axis.",
    example: 'logits.npy -o entropy.npy',
  },
  {
    op: 'argmax',
    name: 'argmax',
    flags: ARGMAX,
    results: { output: 'indices' },
    ofNothing: -1,
    gives: 'the largest class',
    what: 'The class of the largest logit of each row, int32, in the shape of the logits without their last axis.',
    notes: 'Of equals it is the first; -1 where a NaN takes part, or nothing does.',
    example: 'logits.npy -o classes.npy',
  },
  {
    op: 'top-k',
    name: 'topK',
    flags: TOP_K,
    results: { output: 'values', indices: 'indices' },
    ofNothing: NaN,
    gives: 'the K largest',
    what: 'The K largest of each row with their classes, in the shape of the logits with K in the place of the last axis.',
    notes: `Largest first, of equals the first class. Where fewer than K take part there is -1 at the end; a row with
a NaN is -1 beside NaN. Of arrow and rowbinary a row that is shorter than K gives as many as it has.`,
    example: 'logits.npy --k 2 -o probs.npy --indices classes.npy',
  },
];

/** An operation of logits alone: a function of the library, and what it gives. */
export const ROW_OPS: readonly Command[] = OPS.map((rowOp) =>
  command({ ...rowOp, usage: '[logits] [-o file]' }, (line) => runRowOp(rowOp, line)),
);
