import type { RowOp } from './row-ops.js';

const COMMON = `  --format FORMAT      npy, f32, arrow or rowbinary (default: what the input's name ends in, else npy)
  --cols N             the length of a row: needed for f32, checked for the others
  --shard I/N          only part I of N of the rows, I from 1 to N (npy and f32)
  --threads T          threads that compute (default 1: it keeps up with most disks and pipes)
  --temperature T      take logits / T, T in [2^-16, 2^16] (default 1)
  --tier TIER          auto, relaxed, simd or scalar (default auto: the fastest that runs here)
  --column NAME        arrow: the column of logits, where there is more than one of lists
  -q, --quiet          no progress bar and no line at the end on standard error
  -h, --help           show this text`;

const FILES = `Rows stream through, so input and output may be larger than memory. Formats, results being of the
format of the logits and f32:

  npy        NumPy's .npy in C order, f4 (f2 and f8 are converted); the last axis is a row
  f32        nothing but float32; --cols says how long a row is
  arrow      an Arrow IPC stream, uncompressed, with a column of lists of float32 (fixed size or not);
             other columns stay; needs the package apache-arrow
  rowbinary  ClickHouse's RowBinary of a column Array(Float32); rows may differ in length

An output file appears when it is complete; one of the same name is replaced then, but no input is.`;

export const MAIN_HELP = `Softmax and cross-entropy over files and streams of logits.

Usage: softmax-simd <operation> [logits] [-o file] [flags]

  softmax        probabilities:        softmax-simd softmax logits.npy -o probs.npy
  log-softmax    log-probabilities:    softmax-simd log-softmax logits.npy -o log-probs.npy
  log-sum-exp    one number a row:     softmax-simd log-sum-exp logits.npy -o lse.npy
  cross-entropy  loss and gradient:    softmax-simd cross-entropy logits.npy --targets labels.npy --grad dlogits.npy

  softmax-simd <operation> --help      the operation's flags
  softmax-simd --version

- is standard input or output, as is a file that is not named.

${FILES}

Exit code: 0; 2 for a file or flag that is wrong; 1 for anything else that fails.`;

const ROW_OPS: Record<RowOp, { what: string; example: string }> = {
  softmax: {
    what: 'Softmax of each row, in the shape of the logits.',
    example: 'softmax-simd softmax logits.npy -o probs.npy --temperature 0.7',
  },
  'log-softmax': {
    what: 'Log-softmax of each row, in the shape of the logits.',
    example: 'softmax-simd log-softmax logits.npy -o log-probs.npy',
  },
  'log-sum-exp': {
    what: 'The logarithm of the sum of exponentials of each row, in the shape of the logits without its last axis.',
    example: 'softmax-simd log-sum-exp logits.npy -o lse.npy',
  },
};

export function rowOpHelp(op: RowOp): string {
  const { what, example } = ROW_OPS[op];
  return `${what}

Usage: softmax-simd ${op} [logits] [-o file] [flags]

  -o, --output FILE    where the result goes (default -, standard output)
${COMMON}

Example: ${example}

${FILES}`;
}

export const CROSS_ENTROPY_HELP = `Cross-entropy of logits and targets: prints the reduced loss.

Usage: softmax-simd cross-entropy [logits] --targets <file.npy> [flags]

  --targets FILE       a .npy of class indices (any integer type, the shape of the logits without its last
                       axis) or probabilities (f4, f2 or f8, the shape of the logits); without it the
                       class indices come with the rows: rowbinary has a second column Int32
  --target-column NAME arrow: the column of class indices, where --targets is not given
  -o, --output FILE    write the row losses: weighted, scaled, not divided by the mean's divisor
  --grad FILE          write the gradient of the reduced loss with respect to the logits
  --reduction HOW      mean or sum (default mean)
  --ignore-index N     rows with this class index count for nothing (default -100)
  --label-smoothing E  in [0, 1] (default 0)
  --class-weights FILE one weight per class (f4, f2 or f8)
  --z-loss Z           add Z * lse^2 to each row's loss (default 0)
  --scale S            multiply loss and gradient by S (default 1)
${COMMON}

The loss goes to standard output, unless -o or --grad is -: then to standard error. The mean of a shard
is its part of the whole one: the losses of all shards add up to it.

Example: softmax-simd cross-entropy logits.npy --targets labels.npy --grad dlogits.npy -o losses.npy

${FILES}`;
