import { eachStagedRow, prepareStages, TEMPERATURE } from '../decide/sampling-call.js';
import { input, logitsInput, logitsOutput } from '../operand.js';
import { type Call, declare, type Operation } from '../operation.js';
import type { Float16, Floats, HalfKind, Mode, OfBits, OptionsOf, ResultOf } from '../types.js';
import type { SamplingOptions } from './sample.js';
import { isSlow, samplingSettings, stageSettings } from './sampling.js';

/** Options of `filterLogits`. */
export interface FilterLogitsOptions<
  O extends Floats = Float32Array,
  D extends string = 'float32',
> extends SamplingOptions<D> {
  /** f32[rows, cols]: where the result goes; may be exactly `logits`. */
  out?: O | undefined;
}

/** The type of `filterLogits`. */
export interface FilterLogits<M extends Mode = 'sync'> {
  /**
   * The logits that `sample` draws from: after bias and penalties divided by the temperature, -Infinity where minP, topK or
   * topP leaves them out. Their softmax is the distribution of the draw. At temperature 0 the argmax has 0.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row: the vocabulary
   * @param options see {@link FilterLogitsOptions}
   * @returns f32[rows, cols], `out` itself when given; NaN for a row with a NaN or +Infinity, or with nothing left
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, an option or an id out of range, or an `out` that overlaps part of `logits`
   * @example
   * softmax(filterLogits(Float32Array.of(1, 3, 2), 3, { topK: 2 }), 3); // [0, 0.731, 0.269]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    options?: OptionsOf<M, FilterLogitsOptions<O>>,
  ): ResultOf<M, NoInfer<O>>;
  /** Of half floats, which `dtype` names; `out` may be of the same, each result rounded once from its float32. */
  <O extends Float32Array | Uint16Array = Float32Array<ArrayBuffer>>(
    logits: Uint16Array,
    cols: number,
    options: OptionsOf<M, FilterLogitsOptions<O, HalfKind> & OfBits>,
  ): ResultOf<M, NoInfer<O>>;
  /** Of a Float16Array; `out` may be one, each result rounded once from its float32. */
  <O extends Float32Array | Float16 = Float32Array<ArrayBuffer>>(
    logits: Float16,
    cols: number,
    options?: OptionsOf<M, FilterLogitsOptions<O, 'float16'>>,
  ): ResultOf<M, NoInfer<O>>;
}

const RECORDS = 2;

/** @internal */
export const filterLogitsOp: Operation = /* @__PURE__ */ declareFilterLogits();

/** In a function, so that a bundler can leave out what it calls. */
function declareFilterLogits(): Operation {
  return declare({
    name: 'filterLogits',
    operands: [
      /* @__PURE__ */ logitsInput(),
      /* @__PURE__ */ logitsOutput(),
      /* @__PURE__ */ input('records', 'k', 'i32'),
    ],
    options: [.../* @__PURE__ */ stageSettings(), 'out'],
    made: ['out'],
    settings: samplingSettings,
    prepare: (call) => prepareStages(call, RECORDS, false),
    isSlow,
    decision: 'filterLogits',
    decide,
    kernel: null,
    formula: () => undefined,
    rows: 'any',
    result: ({ operands }) => operands[1],
  });
}

function decide(call: Call): void {
  const { operands, cols, parameters } = call;
  const y = operands[1] as Float32Array;
  const temperature = parameters[TEMPERATURE];
  eachStagedRow(call, operands[RECORDS] as Int32Array | null, (r, row) => {
    if (row === null) y.fill(NaN, r * cols, (r + 1) * cols);
    else if (temperature === 0)
      y.set(
        row.values.map((v) => (v > -Infinity ? 0 : v)),
        r * cols,
      );
    else row.values.forEach((v, j) => (y[r * cols + j] = v / temperature));
  });
}
