import type { Engine } from '../../src/index.js';
import { type Call, exactOf, OPS, type Op, run, takesTargets } from '../calls.js';
import * as reference from '../reference.js';
import { worst } from '../ulp.js';

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

/** The arrays of a row for each kind of input. */
const HELD: Record<string, (row: BoundRow) => Float32Array> = {
  logits: ({ logits }) => logits,
  vector: ({ vector }) => vector,
  probs: probsOf,
  logProbs: logProbsOf,
};

/** One row as an operation takes it, at the row's temperature where it has one. */
function callOf(op: Op, row: BoundRow): Call {
  const square = op.outputs.some(({ width }) => width === 'square');
  const cols = square ? Math.min(row.logits.length, JACOBIAN_COLUMNS) : row.logits.length;
  const arrays = op.inputs.map(({ holds }) => HELD[holds](row).subarray(0, cols)) as Call['arrays'];
  const options = op.options.includes('temperature') ? { temperature: row.temperature } : {};
  return { op, title: op.name, arrays, cols, options };
}

/** The promises of every output of operations that read no targets; softmaxWithJvp's jvp has its own below. */
const OF_ROWS: BoundOp[] = OPS.filter((op) => !takesTargets(op)).flatMap((op) =>
  op.outputs
    .filter(({ name }) => name !== 'jvpOut')
    .map((output) => ({
      name: op.outputs.length === 1 ? op.name : `${op.name}, ${output.result}`,
      bound: output.bound,
      measure: (engine, row) => {
        const call = callOf(op, row);
        return distance(run(engine, call)[output.name], exactOf(call)[output.name]);
      },
    })),
);

/** What cross-entropy promises of a row, by what its targets are. */
const EVERY = { labelSmoothing: 0.1, zLoss: 0.01, scale: 0.37 };
const LOSSES: [title: string, op: string, output: 'losses' | 'out', targets: 'label' | 'soft', options: object][] = [
  ['crossEntropy, class index', 'crossEntropy', 'losses', 'label', {}],
  ['crossEntropy, soft targets', 'crossEntropy', 'losses', 'soft', {}],
  ['dlogits, class index', 'crossEntropyGrad', 'out', 'label', {}],
  ['dlogits, soft targets and options', 'crossEntropyGrad', 'out', 'soft', EVERY],
  ['dlogits, class index and options', 'crossEntropyGrad', 'out', 'label', EVERY],
];

const OF_TARGETS: BoundOp[] = LOSSES.map(([title, opName, outputName, targets, given]) => {
  const op = OPS.find(({ name }) => name === opName)!;
  const output = op.outputs.find(({ name }) => name === outputName)!;
  const callWith = ({ logits, soft, label, temperature }: BoundRow): Call => {
    const cols = logits.length;
    const weights = given === EVERY ? { classWeights: classWeights(cols) } : {};
    const arrays = [logits, targets === 'soft' ? soft : Int32Array.of(label)] as Call['arrays'];
    return { op, title, arrays, cols, options: { ...given, ...weights, temperature } };
  };
  return {
    name: title,
    bound: targets === 'soft' ? (output.soft ?? output.bound) : output.bound,
    measure: (engine, row) => {
      const call = callWith(row);
      return distance(run(engine, call)[outputName], exactOf(call)[outputName]);
    },
  };
});

export const BOUND_OPS: BoundOp[] = [
  ...OF_ROWS,
  ...OF_TARGETS,
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
