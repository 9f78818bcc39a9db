// What the package does in a runtime: the tier it takes and why, the results of every operation, and what createEngine
// makes of each tier. Plain JavaScript that needs no build, for Node, Bun, Deno, workerd and browsers; right.ts checks it.
import { callOn, callsOf, OPS, returned } from '../ops.mjs';

export const ROWS = 9;
/** Narrow rows, and wide ones with a tail. */
export const COLUMNS = [10, 70];

/** Integers over integers, so that the inputs have the same bits everywhere: no pattern that four lanes would share. */
const draw = {
  /** Seven units wide. */
  logits: (rows, cols) => Float32Array.from({ length: rows * cols }, (_, i) => ((i * 37) % 101) / 7 - 5),
  vector: (rows, cols) => Float32Array.from({ length: rows * cols }, (_, i) => ((i * 29) % 97) / 48 - 1),
  /** Rows that sum to about 1. */
  probs: (rows, cols) => Float32Array.from({ length: rows * cols }, (_, i) => (1 + ((i * 43) % 83)) / (42 * cols)),
  logProbs: (rows, cols) => Float32Array.from({ length: rows * cols }, (_, i) => -((i * 41) % 103) / 9),
  labels: (rows, cols) => Int32Array.from({ length: rows }, (_, r) => (r * 11) % cols),
  soft: (rows, cols) => Float32Array.from({ length: rows * cols }, (_, i) => (1 + ((i * 31) % 89)) / (45 * cols)),
  classWeights: (_, cols) => Float32Array.from({ length: cols }, (_, i) => (1 + ((i * 7) % 13)) / 8),
};

/** Every way of calling each operation: the losses of each row and their gradients of one, the mean of its parts. */
export function callsAt(cols) {
  return OPS.flatMap((op) => {
    const isSquare = op.outputs.some(({ width }) => width === 'square');
    const calls = isSquare ? callsOf(op, 1, Math.min(cols, 64), draw) : callsOf(op, ROWS, cols, draw);
    if (!op.options.includes('reduction')) return calls;
    const reduction = op.partOf === undefined ? 'none' : 'mean';
    return calls.map((call) => ({ ...call, options: { ...call.options, reduction } }));
  });
}

/**
 * @param {typeof import('../../src/index.js')} api the package
 * @param {object[]} [options] what createEngine is asked for
 */
export function probe(api, options = [{}, { tier: 'relaxed' }, { tier: 'simd' }, { arenaBytes: 64 }]) {
  const results = COLUMNS.map((cols) => ({ cols, ...resultsOf(api, cols) }));
  const engines = options.map((wanted) => attempt(api, wanted));
  return {
    backend: api.backend(),
    shared: typeof globalThis.SharedArrayBuffer !== 'undefined',
    results,
    engines,
    // once more, after engines were made and refused
    again: resultsOf(api, COLUMNS[0]).softmax,
  };
}

/** What every operation gives over the inputs above, of an engine or of the package itself: by call, then by output. */
export function resultsOf(engine, cols) {
  const named = callsAt(cols).map((call) => {
    const result = callOn(engine, call);
    const lists = returned(call.op, result);
    const loss = call.op.name === 'crossEntropy' ? result : result.loss;
    if (loss !== undefined) lists.losses = loss;
    const numbers = Object.entries(lists).map(([name, list]) => [name, typeof list === 'number' ? [list] : [...list]]);
    return [call.title, Object.fromEntries(numbers)];
  });
  return Object.fromEntries(named);
}

function attempt({ createEngine }, options) {
  try {
    const { tier, reason, softmax } = createEngine(options);
    const [half] = softmax(Float32Array.of(1, 1), 2);
    if (half !== 0.5) throw new Error(`the softmax of two equal logits is ${half}`);
    return { options, tier, reason };
  } catch (error) {
    return { options, error: error.name, message: error.message, argument: error.argument };
  }
}
