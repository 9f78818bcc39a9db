import { UsageError } from './errors.js';
import { flag, option, type Flags, type Read } from './flag.js';
import { FORMATS } from './formats.js';
import { cols, count, file, integer, number, oneOf, shard, text } from './values.js';

// In the order of the help; its lines end within 110 columns.

/** Of every operation. */
export const COMMON = {
  format: flag(
    'FORMAT',
    oneOf(...FORMATS),
    "npy, f32, arrow or rowbinary (default: what the input's name ends in, else npy)",
  ),
  cols: flag('N', cols, 'the length of a row: needed for f32, checked for the others'),
  key: flag('NAME', text, 'npz: the array of logits, where there is more than one'),
  axis: flag('A', integer, 'npy: the axis of the classes, from the end where negative (default -1, the last)'),
  dtype: flag('TYPE', oneOf('float16', 'bfloat16'), 'npy: what the 16 bits of logits of type u2 or V2 are'),
  mask: flag(
    'FILE',
    file,
    `a .npy of what takes part (npy and f32): bools or bytes in the shape of the logits, or
packed bits (u4, ceil(N / 32) words a row); a part of it repeats along the first axes`,
  ),
  starts: flag('FILE', file, 'a .npy of integers, one a row: the first class that takes part'),
  ends: flag('FILE', file, 'a .npy of integers, one a row: the class after the last that takes part'),
  shard: flag('I/N', shard, 'only part I of N of the rows, I from 1 to N (npy and f32)'),
  join: {
    type: 'boolean',
    help: `with --shard: the shards write into one file, each at its place; it appears when all of
them are done, and until then lies in the folder NAME.shards`,
  },
  threads: flag('T', count, 'threads that compute (default 1: it keeps up with most disks and pipes)'),
  tier: flag(
    'TIER',
    oneOf('auto', 'relaxed', 'simd', 'scalar'),
    'auto, relaxed, simd or scalar (default auto: the fastest that runs here)',
  ),
  column: flag('NAME', text, 'arrow: the column of logits, where there is more than one of lists'),
  quiet: { type: 'boolean', short: 'q', help: 'no progress bar and no line at the end on standard error' },
  help: { type: 'boolean', short: 'h', help: 'show this text' },
} satisfies Flags;

/** Of COMMON, what is said of an array of any axes. */
export const ARRAY_FLAGS = ['key', 'axis', 'dtype'] as const;

const OUTPUT = flag('FILE', file, 'where the result goes (default -, standard output)', { short: 'o' });
const TEMPERATURE = option('T', number, 'take logits / T, T in [2^-16, 2^16] (default 1)');

/** Of operations that give a number a row. */
export const ROW_VALUE_OP = { output: OUTPUT, temperature: TEMPERATURE, ...COMMON } satisfies Flags;

/** Of operations that give rows. */
export const ROW_OP = {
  output: OUTPUT,
  temperature: TEMPERATURE,
  'empty-rows': option(
    'WHAT',
    oneOf('nan', 'zero'),
    `what a row becomes of which nothing takes part: nan (the default), or zero, which is
-inf for log-softmax`,
  ),
  ...COMMON,
} satisfies Flags;

/** Of operations that name classes. */
const TEXT = {
  text: {
    type: 'boolean',
    help: 'lines of text, to be read: `row: class` or `row: class p, class p`, both counted from 0',
  },
  names: flag('FILE', file, 'with --text: the names of the classes, one a line, in the place of their numbers'),
} satisfies Flags;

/** No temperature changes what is the largest. */
export const ARGMAX = { output: OUTPUT, ...TEXT, ...COMMON } satisfies Flags;

const kind = oneOf('probs', 'log-probs', 'logits');
/** As the library calls it. */
const values: Read<'probs' | 'logProbs' | 'logits'> = (text, flag) => {
  const given = kind(text, flag);
  return given === 'log-probs' ? 'logProbs' : given;
};

export const TOP_K = {
  k: flag('K', count, 'how many classes of each row; needed'),
  values: option('WHAT', values, 'what the values are: probs (the default), log-probs, or logits as they are'),
  temperature: TEMPERATURE,
  output: flag('FILE', file, 'where the values go, or the text (default -, standard output, without --indices)', {
    short: 'o',
  }),
  indices: flag('FILE', file, 'where the classes go, int32'),
  ...TEXT,
  ...COMMON,
} satisfies Flags;

const meanOrSum = oneOf('mean', 'sum');
const reduction: Read<'mean' | 'sum'> = (text, flag) => {
  if (text === 'none') throw new UsageError(`expected ${flag} to be mean or sum (-o writes the row losses)`);
  return meanOrSum(text, flag);
};

export const CROSS_ENTROPY = {
  targets: flag(
    'FILE',
    file,
    `a .npy of class indices (any integer type or bool, the shape of the logits without the
axis of the classes, or with 1 there) or probabilities (f4, f2 or f8, the shape of the
logits); without it the class indices come with the rows: rowbinary has a second
column Int32`,
  ),
  'target-column': flag('NAME', text, 'arrow: the column of class indices, where --targets is not given'),
  output: flag('FILE', file, "write the row losses: weighted, scaled, not divided by the mean's divisor", {
    short: 'o',
  }),
  grad: flag('FILE', file, 'write the gradient of the reduced loss with respect to the logits'),
  reduction: flag('HOW', reduction, 'mean or sum (default mean)'),
  'ignore-index': option('N', number, 'rows with this class index count for nothing (default -100)'),
  'label-smoothing': option('E', number, 'in [0, 1] (default 0)'),
  'class-weights': flag('FILE', file, 'one weight per class (f4, f2 or f8)'),
  'z-loss': option('Z', number, "add Z * lse^2 to each row's loss (default 0)"),
  scale: option('S', number, 'multiply loss and gradient by S (default 1)'),
  temperature: TEMPERATURE,
  ...COMMON,
} satisfies Flags;
