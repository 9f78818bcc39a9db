import type { RowOp } from './row-ops.js';

const COMMON = `  --temperature T      take logits / T, T in [2^-16, 2^16] (default 1)
  --tier TIER          auto, relaxed, simd or scalar (default auto: the fastest that runs here)
  -h, --help           show this text`;

const FILES = `Files are NumPy's .npy in C order. Logits are f4 (f2 and f8 are converted to f4); their last axis is
the classes, and an array of one axis is one row. Results are f4. An output file appears when it is
complete; one of the same name is replaced then.`;

export const MAIN_HELP = `Softmax and cross-entropy over files of logits.

Usage: softmax-simd <operation> <logits.npy> [flags]

  softmax        probabilities:        softmax-simd softmax logits.npy -o probs.npy
  log-softmax    log-probabilities:    softmax-simd log-softmax logits.npy -o log-probs.npy
  log-sum-exp    one number a row:     softmax-simd log-sum-exp logits.npy -o lse.npy
  cross-entropy  loss and gradient:    softmax-simd cross-entropy logits.npy --targets labels.npy --grad dlogits.npy

  softmax-simd <operation> --help      the operation's flags
  softmax-simd --version

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

Usage: softmax-simd ${op} <logits.npy> -o <file.npy> [flags]

  -o, --output FILE    where the result goes
${COMMON}

Example: ${example}

${FILES}`;
}

export const CROSS_ENTROPY_HELP = `Cross-entropy of logits and targets: prints the reduced loss.

Usage: softmax-simd cross-entropy <logits.npy> --targets <file.npy> [flags]

  --targets FILE       class indices (any integer type, the shape of the logits without its last axis)
                       or probabilities (f4, f2 or f8, the shape of the logits)
  -o, --output FILE    write the row losses: weighted, scaled, not divided by the mean's divisor
  --grad FILE          write the gradient of the reduced loss with respect to the logits
  --reduction HOW      mean or sum (default mean)
  --ignore-index N     rows with this class index count for nothing (default -100)
  --label-smoothing E  in [0, 1] (default 0)
  --class-weights FILE one weight per class (f4, f2 or f8)
  --z-loss Z           add Z * lse^2 to each row's loss (default 0)
  --scale S            multiply loss and gradient by S (default 1)
${COMMON}

Example: softmax-simd cross-entropy logits.npy --targets labels.npy --grad dlogits.npy -o losses.npy

${FILES}`;
