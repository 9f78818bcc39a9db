import { checkInteger, checkName } from '../check.js';
import { precedes, takePrefix } from '../decide/prefix.js';
import { callAt, softmaxAt } from '../decide/softmax-at.js';
import { logitsInput, output } from '../operand.js';
import { type Call, declare, type Operation } from '../operation.js';
import { LogitRows } from '../scalar/logit-rows.js';
import type { Float16, HalfKind, LayoutOptions, Mode, OfBits, OptionsOf, ResultOf } from '../types.js';
import { TEMPERATURE } from './temperature.js';

/** Options of `topK`. */
export interface TopKOptions<
  V extends Float32Array = Float32Array,
  I extends Int32Array = Int32Array,
  D extends string = 'float32',
> extends LayoutOptions<D> {
  /** What the values are: of softmax, of logSoftmax, or the logits as given. Default 'probs'. */
  values?: 'probs' | 'logProbs' | 'logits' | undefined;
  /** f32[rows, k]: where the values go. */
  out?: V | undefined;
  /** i32[rows, k]: where the columns go. */
  indices?: I | undefined;
  /** 'probs' and 'logProbs' are those of logits / temperature; in [2^-16, 2^16], default 1. */
  temperature?: number | undefined;
}

/** The type of `topK`. */
export interface TopK<M extends Mode = 'sync'> {
  /**
   * The k largest logits of each row with their columns, largest first, equals (-0 and 0 are) by the lower column.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row
   * @param k how many, from 1 to cols
   * @param options `values` 'probs', 'logProbs' or 'logits'; `out` f32[rows, k]; `indices` i32[rows, k]; `temperature`
   * @returns `values` with the bits that softmax or logSoftmax of the whole row has there, or the logits; `indices`, the same
   *   on every tier: -1 beside NaN for a row with a NaN, and beside 0 or -Infinity where fewer than k columns take part
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, `cols`, `k` or `temperature` out of range, or an output that overlaps anything
   * @example
   * topK(Float32Array.of(1, 3, 2), 3, 2); // { values: [0.665, 0.245], indices: [1, 2] }
   */
  <V extends Float32Array = Float32Array<ArrayBuffer>, I extends Int32Array = Int32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    k: number,
    options?: OptionsOf<M, TopKOptions<V, I>>,
  ): ResultOf<M, Top<NoInfer<V>, NoInfer<I>>>;
  /** Of half floats, which `dtype` names. */
  <V extends Float32Array = Float32Array<ArrayBuffer>, I extends Int32Array = Int32Array<ArrayBuffer>>(
    logits: Uint16Array,
    cols: number,
    k: number,
    options: OptionsOf<M, TopKOptions<V, I, HalfKind> & OfBits>,
  ): ResultOf<M, Top<NoInfer<V>, NoInfer<I>>>;
  /** Of a Float16Array. */
  <V extends Float32Array = Float32Array<ArrayBuffer>, I extends Int32Array = Int32Array<ArrayBuffer>>(
    logits: Float16,
    cols: number,
    k: number,
    options?: OptionsOf<M, TopKOptions<V, I, 'float16'>>,
  ): ResultOf<M, Top<NoInfer<V>, NoInfer<I>>>;
}

/** What `topK` returns. */
export interface Top<V extends Float32Array, I extends Int32Array> {
  /** f32[rows, k] */
  values: V;
  /** i32[rows, k] */
  indices: I;
}

/** Its parameters, by index: k, and what the values are. */
const KIND = 1;
const KINDS = ['logits', 'probs', 'logProbs'];

/** @internal */
export const topKOp: Operation = /* @__PURE__ */ declareTopK();

/** In a function, so that a bundler can leave out what it calls. */
function declareTopK(): Operation {
  return declare({
    name: 'topK',
    operands: [
      /* @__PURE__ */ logitsInput(),
      /* @__PURE__ */ output('out', 'k'),
      /* @__PURE__ */ output('indices', 'k', -1, 'i32'),
    ],
    options: [
      {
        name: 'values',
        read(call, value) {
          const kind = checkName(call.operation.name, 'values', value, ['probs', 'logProbs', 'logits']);
          call.parameters[KIND] = KINDS.indexOf(kind);
        },
      },
      'out',
      'indices',
      TEMPERATURE,
    ],
    made: ['out', 'indices'],
    decision: 'topK',
    decide,
    follow: callAt,
    kernel: 'at',
    formula: softmaxAt,
    readK,
    rows: 'any',
    result,
  });
}

function readK(call: Call, k: unknown): void {
  const { name } = call.operation;
  call.k = checkInteger(name, 'k', k, 1, call.cols, `an integer in [1, cols = ${call.cols}]`);
  call.parameters[0] = call.k;
  call.parameters[KIND] = KINDS.indexOf('probs');
}

/** The columns, and the logits in the place of the values. */
function decide({ operands, rows, cols, k }: Call): void {
  const [x, values, indices] = operands as [Float32Array, Float32Array, Int32Array];
  const row = new Float64Array(cols);
  const candidates = new Int32Array(cols);
  for (let r = 0; r < rows; r++) {
    row.set(x.subarray(r * cols, (r + 1) * cols));
    const hasNaN = row.some(Number.isNaN);
    for (let j = 0; j < cols; j++) candidates[j] = j;
    if (!hasNaN) takePrefix(candidates, cols, row, null, k);
    const top = candidates.subarray(0, k).sort((a, b) => (precedes(row, a, b) ? -1 : 1));
    for (let i = 0; i < k; i++) {
      indices[r * k + i] = hasNaN ? -1 : top[i];
      values[r * k + i] = hasNaN ? NaN : x[r * cols + top[i]];
    }
  }
}

/** Columns that take no part are -Infinity to a kernel, as others may be: those that do come first, and then -1. */
function result(call: Call): Top<Float32Array, Int32Array> {
  const { operands, rows, cols, k, parameters } = call;
  const [, values, indices] = operands as [unknown, Float32Array, Int32Array];
  const x = new LogitRows(call);
  if (x.isWhole) return { values, indices };
  const none = parameters[KIND] === KINDS.indexOf('probs') ? 0 : -Infinity;
  for (let r = 0; r < rows; r++) {
    const at = r * k;
    let i = 0;
    while (i < k && ((Number.isNaN(values[at + i]) && indices[at + i] < 0) || x.at(r, indices[at + i]) > -Infinity))
      i++;
    for (let j = 0; j < cols && i < k; j++) {
      if (x.takesPart(r, j) && x.at(r, j) === -Infinity) indices[at + i++] = j;
    }
    indices.fill(-1, at + i, at + k);
    values.fill(none, at + i, at + k);
  }
  return { values, indices };
}
