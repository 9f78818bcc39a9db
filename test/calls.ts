import type { Engine } from '../src/index.js';
import * as inputs from './inputs.js';
import { callOn, callsOf, lengthOf, OPS, type Op, type Output, returned, takesTargets } from './ops.mjs';
import * as reference from './reference.js';
import { expectSame } from './ulp.js';

/** Calls of the operations of ops.mjs on drawn arrays, and what the oracle says of them. */

export type Operand = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
export type Options = Record<string, unknown>;

/** One call: its arrays in the order of the signature, and its options but for outputs. */
export interface Call {
  op: Op;
  title: string;
  arrays: Operand[];
  cols: number;
  options: Options;
}

const drawn = new Map<string, Operand>();

/** The same seeded array for every operation and tier, drawn once; callers get copies. */
function draw(name: string, make: (rows: number, cols: number) => Operand) {
  return (rows: number, cols: number): Operand => {
    const key = `${name} ${rows} ${cols}`;
    if (!drawn.has(key)) drawn.set(key, make(rows, cols));
    return drawn.get(key)!.slice();
  };
}

const DRAW = {
  logits: draw('logits', (rows, cols) => inputs.normal(rows * cols, 3, 4, cols)),
  vector: draw('vector', (rows, cols) => inputs.uniform(rows * cols, -2, 2, cols + 1)),
  probs: draw('probs', (rows, cols) => inputs.softLabels(rows, cols, cols + 2)),
  logProbs: draw('logProbs', (rows, cols) => inputs.uniform(rows * cols, -12, -0.01, cols + 3)),
  labels: draw('labels', (rows, cols) => inputs.classIndices(rows, cols, cols + 4)),
  soft: draw('soft', (rows, cols) => inputs.softLabels(rows, cols, cols + 6)),
  classWeights: draw('classWeights', (_, cols) => inputs.uniform(cols, 0.1, 3, cols + 5)),
};

/** Of more columns than these nobody wants a Jacobian. */
const JACOBIAN_COLUMNS = 100;
const isSquare = ({ outputs }: Op) => outputs.some(({ width }) => width === 'square');

/** Every way of calling each operation on rows × cols; `wide` leaves out those whose result has cols² elements a row. */
export function callsOn(rows: number, cols: number, ops = OPS): Call[] {
  const fit = ops.filter((op) => cols <= JACOBIAN_COLUMNS || !isSquare(op));
  return fit.flatMap((op) => callsOf(op, rows, cols, DRAW) as Call[]);
}

/** The operations that no other one has all outputs of. */
export const WHOLE_OPS = OPS.filter(({ partOf }) => partOf === undefined);

export { OPS, type Op, type Output, lengthOf, callOn, returned, takesTargets };

/**
 * Runs a call, with 'none' where there is a reduction, and gives every output by its name: into `outs` where they are
 * given, else into arrays of the library, but for outputs on the side.
 */
export function run(engine: Engine, call: Call, outs?: Record<string, Operand>): Record<string, Operand> {
  const { op, arrays, cols } = call;
  const rows = arrays[0].length / cols;
  const side = op.outputs.filter(({ side }) => side).map((output) => [output.name, newOutput(output, rows, cols)]);
  const given = { ...(Object.fromEntries(side) as Record<string, Operand>), ...outs };
  const none = op.options.includes('reduction') ? { reduction: 'none' } : {};
  const result: unknown = callOn(engine, call, { ...none, ...given });
  const losses = op.name === 'crossEntropy' ? result : (result as { loss?: unknown }).loss;
  // A row's losses are also what 'none' returns.
  if (given.losses && losses !== undefined) expectSame(losses as Float32Array, given.losses);
  return { ...given, ...(returned(op, result) as Record<string, Operand>) };
}

export function newOutput(output: Output, rows: number, cols: number, fill = 0): Operand {
  const length = lengthOf(output, rows, cols);
  return output.integer ? new Int32Array(length).fill(7) : new Float32Array(length).fill(fill);
}

/** What the oracle says of each output of a call; of the losses the reduced one, where the options have a reduction. */
export function exactOf({ op, arrays, cols, options }: Call): Record<string, reference.Exact> {
  const last = takesTargets(op) ? { reduction: 'none', ...options } : options.temperature;
  const oracle = (reference as unknown as Record<string, (...args: unknown[]) => unknown>)[op.oracle ?? op.name];
  const exact = oracle(...arrays, cols, last);
  if (takesTargets(op)) {
    const { losses, lse, dlogits, loss } = exact as reference.ExactCrossEntropy;
    // The bound of a row's loss is in ULP of itself.
    const perRow = { values: losses.values, flushed: losses.flushed };
    return { losses: (options.reduction ?? 'none') === 'none' ? perRow : loss, lse, out: dlogits };
  }
  const named = exact as Record<string, reference.Exact>;
  return Object.fromEntries(
    op.outputs.map(({ name, result }) => [name, result === undefined ? (exact as reference.Exact) : named[result]]),
  );
}

/** What is promised of an output of a call, in ULP: of rows drawn at `random`, or of every row. */
export function boundOf({ soft, random, bound }: Output, { arrays, options }: Call, isRandom = false): number {
  if (soft !== undefined && (!(arrays[1] instanceof Int32Array) || options.labelSmoothing || options.reduction))
    return soft;
  return isRandom ? (random ?? bound) : bound;
}
