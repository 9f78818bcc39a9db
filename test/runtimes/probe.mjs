// What the package does in a runtime: the tier it takes and why, the results of every operation, and what createEngine
// makes of each tier. Plain JavaScript without imports, for Node, Bun, Deno, workerd and browsers; right.ts checks it.

export const ROWS = 9;
/** Narrow rows, and wide ones with a tail. */
export const COLUMNS = [10, 130];
export const TEMPERATURE = 0.7;

/** Columns of the Jacobian, which has their square: as many of the first row's probabilities are taken for a row. */
export const jacobianCols = (cols) => Math.min(cols, 64);

/** Seven units wide, without a pattern that four lanes would share. */
export const logitsOf = (cols) => Float32Array.from({ length: ROWS * cols }, (_, i) => ((i * 37) % 101) / 7 - 5);
export const tangentOf = (cols) => Float32Array.from({ length: ROWS * cols }, (_, i) => ((i * 29) % 97) / 48 - 1);
export const labelsOf = (cols) => Int32Array.from({ length: ROWS }, (_, r) => (r * 11) % cols);
/** Rows that sum to about 1. */
export const softOf = (cols) =>
  Float32Array.from({ length: ROWS * cols }, (_, i) => (1 + ((i * 31) % 89)) / (45 * cols));

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
    again: [...api.softmax(logitsOf(COLUMNS[0]), COLUMNS[0])],
  };
}

/** Every operation over the inputs above: of an engine, or of the package itself. */
export function resultsOf(engine, cols) {
  const [logits, tangent] = [logitsOf(cols), tangentOf(cols)];
  const options = { temperature: TEMPERATURE };
  const probs = engine.softmax(logits, cols);
  const logProbs = engine.logSoftmax(logits, cols);
  const square = jacobianCols(cols);
  const fused = engine.softmaxWithJvp(logits, tangent, cols, options);
  const lists = {
    softmax: probs,
    softmaxT: engine.softmax(logits, cols, options),
    logSoftmax: logProbs,
    logSumExp: engine.logSumExp(logits, cols, options),
    softmaxJvp: engine.softmaxJvp(probs, tangent, cols),
    softmaxVjp: engine.softmaxVjp(probs, tangent, cols),
    softmaxJacobian: engine.softmaxJacobian(probs.subarray(0, square), square),
    logSoftmaxJvp: engine.logSoftmaxJvp(logProbs, tangent, cols),
    logSoftmaxVjp: engine.logSoftmaxVjp(logProbs, tangent, cols),
    withJvpProbs: fused.probs,
    withJvpJvp: fused.jvp,
  };
  for (const [kind, targets] of Object.entries({ labels: labelsOf(cols), soft: softOf(cols) })) {
    const { loss, dlogits } = engine.crossEntropyWithGrad(logits, targets, cols, { reduction: 'none' });
    lists[`${kind}Losses`] = loss;
    lists[`${kind}Dlogits`] = dlogits;
    lists[`${kind}Loss`] = [engine.crossEntropy(logits, targets, cols)];
    lists[`${kind}MeanDlogits`] = engine.crossEntropyGrad(logits, targets, cols);
  }
  return Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list]]));
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
