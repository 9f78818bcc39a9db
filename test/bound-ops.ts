import type { Engine } from '../src/index.js';
import * as reference from './reference.js';
import { worst } from './ulp.js';

/** One row that every op can be given. */
export interface BoundRow {
  logits: Float32Array;
  /** Tangent or cotangent. */
  vector: Float32Array;
  /** Probabilities, not necessarily of sum 1. */
  soft: Float32Array;
  label: number;
  temperature: number;
}

/** A promise of CONTRACT section 3, in the ULP it is given in, and how far an engine is from exact on a row. */
export interface BoundOp {
  name: string;
  bound: number;
  measure: (engine: Engine, row: BoundRow) => number;
}

/** 0 where nothing lies outside what the contract allows. */
function distance(got: ArrayLike<number>, exact: reference.Exact): number {
  return Math.max(0, worst(got, exact).ulp);
}

/** ULP of the result itself. */
function ofResult({ values, flushed }: reference.Exact): reference.Exact {
  return { values, flushed };
}

const OPTIONS = { labelSmoothing: 0.1, zLoss: 0.01, scale: 0.37, reduction: 'none' } as const;

function classWeights(cols: number): Float32Array {
  return Float32Array.from({ length: cols }, (_, c) => 0.1 + ((c * 0.37) % 3));
}

function probsOf({ logits, temperature }: BoundRow): Float32Array {
  return Float32Array.from(reference.softmax(logits, logits.length, temperature).values);
}

function logProbsOf({ logits, temperature }: BoundRow): Float32Array {
  return Float32Array.from(reference.logSoftmax(logits, logits.length, temperature).values);
}

/** Of this many columns at most, a row's Jacobian is taken. */
const JACOBIAN_COLUMNS = 12;

export const BOUND_OPS: BoundOp[] = [
  {
    name: 'softmax',
    bound: 6,
    measure: (engine, { logits, temperature }) =>
      distance(
        engine.softmax(logits, logits.length, { temperature }),
        reference.softmax(logits, logits.length, temperature),
      ),
  },
  {
    name: 'logSoftmax',
    bound: 4,
    measure: (engine, { logits, temperature }) =>
      distance(
        engine.logSoftmax(logits, logits.length, { temperature }),
        reference.logSoftmax(logits, logits.length, temperature),
      ),
  },
  {
    name: 'logSumExp',
    bound: 4,
    measure: (engine, { logits, temperature }) =>
      distance(
        engine.logSumExp(logits, logits.length, { temperature }),
        reference.logSumExp(logits, logits.length, temperature),
      ),
  },
  {
    name: 'crossEntropy, class index',
    bound: 4,
    measure: (engine, { logits, label, temperature }) => {
      const options = { reduction: 'none', temperature } as const;
      const cols = logits.length;
      const want = reference.crossEntropy(logits, Int32Array.of(label), cols, options);
      return distance(engine.crossEntropy(logits, Int32Array.of(label), cols, options), ofResult(want.losses));
    },
  },
  {
    name: 'crossEntropy, soft targets',
    bound: 6,
    measure: (engine, { logits, soft, temperature }) => {
      const options = { reduction: 'none', temperature } as const;
      const cols = logits.length;
      const want = reference.crossEntropy(logits, soft, cols, options);
      return distance(engine.crossEntropy(logits, soft, cols, options), ofResult(want.losses));
    },
  },
  {
    name: 'dlogits, class index',
    bound: 6,
    measure: (engine, { logits, label, temperature }) => {
      const options = { reduction: 'none', temperature } as const;
      const cols = logits.length;
      const want = reference.crossEntropy(logits, Int32Array.of(label), cols, options);
      return distance(engine.crossEntropyGrad(logits, Int32Array.of(label), cols, options), want.dlogits);
    },
  },
  {
    name: 'dlogits, soft targets and options',
    bound: 6,
    measure: (engine, { logits, soft, temperature }) => {
      const cols = logits.length;
      const options = { ...OPTIONS, classWeights: classWeights(cols), temperature };
      const want = reference.crossEntropy(logits, soft, cols, options);
      return distance(engine.crossEntropyGrad(logits, soft, cols, options), want.dlogits);
    },
  },
  {
    name: 'dlogits, class index and options',
    bound: 6,
    measure: (engine, { logits, label, temperature }) => {
      const cols = logits.length;
      const options = { ...OPTIONS, classWeights: classWeights(cols), temperature };
      const want = reference.crossEntropy(logits, Int32Array.of(label), cols, options);
      return distance(engine.crossEntropyGrad(logits, Int32Array.of(label), cols, options), want.dlogits);
    },
  },
  {
    name: 'reduced loss',
    bound: 6,
    measure: (engine, { logits, label, temperature }) => {
      // Three rows of the one: both halves apart as well, where the columns allow it.
      const cols = logits.length;
      const three = new Float32Array(3 * cols);
      for (let r = 0; r < 3; r++) for (let c = 0; c < cols; c++) three[r * cols + c] = logits[(c * (r + 1)) % cols];
      const labels = Int32Array.of(label, (label + 1) % cols, 0);
      const want = reference.crossEntropy(three, labels, cols, { temperature });
      // A row's loss is a float32: where that overflows, so does the sum.
      if (want.losses.values.some((loss) => Math.fround(loss) === Infinity)) return 0;
      return distance([engine.crossEntropy(three, labels, cols, { temperature })], want.loss);
    },
  },
  {
    name: 'softmaxJvp, softmaxVjp',
    bound: 6,
    measure: (engine, row) => {
      const probs = probsOf(row);
      const want = reference.softmaxJvp(probs, row.vector, probs.length);
      return distance(engine.softmaxJvp(probs, row.vector, probs.length), want);
    },
  },
  {
    name: 'softmaxJacobian',
    bound: 6,
    measure: (engine, row) => {
      const probs = probsOf(row).subarray(0, JACOBIAN_COLUMNS);
      return distance(engine.softmaxJacobian(probs, probs.length), reference.softmaxJacobian(probs, probs.length));
    },
  },
  {
    name: 'logSoftmaxJvp',
    bound: 6,
    measure: (engine, row) => {
      const logProbs = logProbsOf(row);
      const want = reference.logSoftmaxJvp(logProbs, row.vector, logProbs.length);
      return distance(engine.logSoftmaxJvp(logProbs, row.vector, logProbs.length), want);
    },
  },
  {
    name: 'logSoftmaxVjp',
    bound: 6,
    measure: (engine, row) => {
      const logProbs = logProbsOf(row);
      const want = reference.logSoftmaxVjp(logProbs, row.vector, logProbs.length);
      return distance(engine.logSoftmaxVjp(logProbs, row.vector, logProbs.length), want);
    },
  },
  {
    name: 'softmaxWithJvp, jvp of its probs',
    bound: 6,
    measure: (engine, { logits, vector, temperature }) => {
      const cols = logits.length;
      const { probs, jvp } = engine.softmaxWithJvp(logits, vector, cols, { temperature });
      const { values, magnitudes } = reference.softmaxJvp(probs, vector, cols);
      const exact = values.map((v) => v / temperature);
      return distance(jvp, { values: exact, flushed: exact, magnitudes: normal(magnitudes!, temperature) });
    },
  },
  {
    // The errors of probs come in twice, of a_i and of ⟨a,u⟩: docs/accuracy-bounds.md derives 20.
    name: 'softmaxWithJvp, jvp of exact probs',
    bound: 20,
    measure: (engine, { logits, vector, temperature }) => {
      const cols = logits.length;
      const want = reference.softmaxWithJvp(logits, vector, cols, temperature).jvp;
      const magnitudes = normal(
        want.magnitudes!.map((v) => v * temperature),
        temperature,
      );
      return distance(engine.softmaxWithJvp(logits, vector, cols, { temperature }).jvp, { ...want, magnitudes });
    },
  },
];

/** Products below 2^-126 have the spacing of 2^-149, and may count as 0: what 1/T makes of that is no error. */
function normal(magnitudes: Float64Array, temperature: number): Float64Array {
  return magnitudes.map((v) => Math.max(v, 2 ** -126) / temperature);
}
