import { freshFloats } from '../check.js';
import { uniformOf } from '../decide/random.js';
import { setUniforms, uniformAt } from '../decide/records.js';
import { AT_KIND, eachStagedRow, prepareStages, type SamplingCall, TEMPERATURE } from '../decide/sampling-call.js';
import { callAt, softmaxAt } from '../decide/softmax-at.js';
import { input, logitsInput, output } from '../operand.js';
import { type Call, declare, type Operation } from '../operation.js';
import type { Float16, HalfKind, IntegerArray, LayoutOptions, Mode, OfBits, OptionsOf, ResultOf } from '../types.js';
import { drawSettings, isSlow, LOG_PROBS_OF, samplingSettings, stageSettings } from './sampling.js';

/** What becomes of the logits before a token is drawn; the stages come in the order of these options. */
export interface SamplingOptions<D extends string = 'float32'> extends LayoutOptions<D> {
  /** Divides the logits; 0, or in [2^-16, 2^16], default 1. 0 keeps the argmax alone. */
  temperature?: number | undefined;
  /** Keeps so many of the largest, equals by the lower index. Default 0: all. */
  topK?: number | undefined;
  /** Keeps the shortest prefix, largest first, with this part of the probability. In (0, 1], default 1: all. */
  topP?: number | undefined;
  /** Keeps what has this part of the largest probability, or more. In [0, 1], default 0: all. */
  minP?: number | undefined;
  /** Is added to the logits of some columns, of every row; -Infinity forbids them. Repeated ids add up. */
  bias?: { readonly ids: Int32Array; readonly values: Float32Array } | undefined;
  /** What was generated: for all rows, or one array a row. */
  history?: IntegerArray | readonly IntegerArray[] | undefined;
  /** What came before: the repetition penalty counts it, too. */
  prompt?: IntegerArray | readonly IntegerArray[] | undefined;
  /** Divides positive logits of history and prompt, multiplies the others. Finite and > 0, default 1. */
  repetitionPenalty?: number | undefined;
  /** Is taken from a logit once for each time that the history has it. Default 0. */
  frequencyPenalty?: number | undefined;
  /** Is taken from each logit that the history has. Default 0. */
  presencePenalty?: number | undefined;
}

/** Options of `sample`. */
export interface SampleOptions<
  T extends Int32Array = Int32Array,
  L extends Float32Array | undefined = Float32Array | undefined,
  W extends 'raw' | 'filtered' | undefined = 'raw' | 'filtered' | undefined,
  D extends string = 'float32',
> extends SamplingOptions<D> {
  /** An integer in [0, 2^53): the same arguments then give the same tokens. Without it, fresh random numbers. */
  seed?: number | undefined;
  /** Which draw of the seed this is, an integer in [0, 2^53), default 0: one a token. Only with `seed`. */
  step?: number | undefined;
  /** i32[rows]: each row's number, default its index: a sequence keeps its draws when it moves. Only with `seed`. */
  streams?: Int32Array | undefined;
  /** f64[rows] in [0, 1): the random numbers themselves, in the place of a seed. */
  uniforms?: Float64Array | undefined;
  /** i32[rows]: where the tokens go. */
  tokens?: T | undefined;
  /** f32[rows]: where their log-probabilities go. */
  logProbs?: L;
  /** Asks for log-probabilities: of the logits as given ('raw', default), or of what was drawn from. */
  logProbsOf?: W;
}

/** What `sample` has for log-probabilities: null unless an option asks for them. */
export type SampledLogProbs<L, W> = L extends Float32Array ? L : W extends string ? Float32Array<ArrayBuffer> : null;

/** Options that say in their type whether they ask for log-probabilities. */
type Asking<L extends Float32Array | undefined, W extends 'raw' | 'filtered' | undefined> =
  // TypeScript infers what is given where it may be undefined.
  ([L] extends [Float32Array] ? { logProbs: L } : { logProbs?: undefined }) &
    ([W] extends [string] ? { logProbsOf: W } : { logProbsOf?: undefined });

/** `sample` with options that may ask for log-probabilities or not. */
interface SampleAsking<M extends Mode, X, D extends string, Must = unknown> {
  /** Of options that ask for log-probabilities or do not, as only the run knows: they may be null. */
  <T extends Int32Array = Int32Array<ArrayBuffer>>(
    logits: X,
    cols: number,
    options: OptionsOf<M, SampleOptions<T, Float32Array | undefined, 'raw' | 'filtered' | undefined, D> & Must>,
  ): ResultOf<M, Sampled<NoInfer<T>, Float32Array | undefined, undefined>>;
}

/** The type of `sample`. */
export interface Sample<M extends Mode = 'sync'>
  extends
    SampleAsking<M, Uint16Array, HalfKind, OfBits>,
    SampleAsking<M, Float16, 'float16'>,
    // The last one, as compilers name its parameters where none fits.
    SampleAsking<M, Float32Array, 'float32'> {
  /**
   * Draws a token of each row: bias, penalties, temperature, minP, topK, topP, then one uniform number a row, which is looked
   * up in the cumulative distribution of what is left.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row: the vocabulary
   * @param options see {@link SampleOptions}
   * @returns `tokens` i32[rows], -1 for a row with a NaN or +Infinity, or with nothing left; `logProbs` f32[rows], NaN there,
   *   or null when no option asks for them
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, an option or an id out of range, or an output that overlaps anything
   * @example
   * sample(Float32Array.of(1, 3, 2), 3, { temperature: 0 }); // { tokens: [1], logProbs: null }
   * sample(Float32Array.of(1, 3, 2), 3, { topK: 1, logProbsOf: 'filtered' }); // { tokens: [1], logProbs: [0] }
   */
  <
    T extends Int32Array = Int32Array<ArrayBuffer>,
    L extends Float32Array | undefined = undefined,
    W extends 'raw' | 'filtered' | undefined = undefined,
  >(
    logits: Float32Array,
    cols: number,
    options?: OptionsOf<M, SampleOptions<T, L, W> & Asking<L, W>>,
  ): ResultOf<M, Sampled<NoInfer<T>, NoInfer<L>, NoInfer<W>>>;
  /** Of half floats, which `dtype` names. */
  <
    T extends Int32Array = Int32Array<ArrayBuffer>,
    L extends Float32Array | undefined = undefined,
    W extends 'raw' | 'filtered' | undefined = undefined,
  >(
    logits: Uint16Array,
    cols: number,
    options: OptionsOf<M, SampleOptions<T, L, W, HalfKind> & Asking<L, W> & OfBits>,
  ): ResultOf<M, Sampled<NoInfer<T>, NoInfer<L>, NoInfer<W>>>;
  /** Of a Float16Array. */
  <
    T extends Int32Array = Int32Array<ArrayBuffer>,
    L extends Float32Array | undefined = undefined,
    W extends 'raw' | 'filtered' | undefined = undefined,
  >(
    logits: Float16,
    cols: number,
    options?: OptionsOf<M, SampleOptions<T, L, W, 'float16'> & Asking<L, W>>,
  ): ResultOf<M, Sampled<NoInfer<T>, NoInfer<L>, NoInfer<W>>>;
}

/** What `sample` returns. */
export interface Sampled<T extends Int32Array, L, W> {
  /** i32[rows] */
  tokens: T;
  /** f32[rows] or null */
  logProbs: SampledLogProbs<L, W>;
}

/** Its operands, by index. */
const LOG_PROBS = 1;
const TOKENS = 2;
const RECORDS = 3;
/** A kind of softmaxAt. */
const LOG_SOFTMAX = 2;

/** @internal */
export const sampleOp: Operation = /* @__PURE__ */ declareSample();

/** In a function, so that a bundler can leave out what it calls. */
function declareSample(): Operation {
  return declare({
    name: 'sample',
    operands: [
      /* @__PURE__ */ logitsInput(),
      /* @__PURE__ */ output('logProbs', 'one'),
      /* @__PURE__ */ output('tokens', 'one', -1, 'i32'),
      /* @__PURE__ */ input('records', 'k', 'i32'),
    ],
    options: [
      .../* @__PURE__ */ stageSettings(),
      .../* @__PURE__ */ drawSettings(),
      'tokens',
      'logProbs',
      LOG_PROBS_OF,
    ],
    made: ['tokens'],
    settings: samplingSettings,
    prepare,
    isSlow,
    decision: 'sample',
    decide,
    follow: callAt,
    kernel: 'at',
    formula: softmaxAt,
    rows: 'any',
    result: ({ operands }) => ({ tokens: operands[TOKENS], logProbs: operands[LOG_PROBS] }),
  });
}

function prepare(call: SamplingCall): void {
  const { settings, operands, rows, operation } = call;
  prepareStages(call, RECORDS, true);
  if (settings.logProbsOf !== null) operands[LOG_PROBS] ??= freshFloats(operation.name, rows);
  if (operands[LOG_PROBS] !== null && settings.logProbsOf !== 'filtered') call.parameters[AT_KIND] = LOG_SOFTMAX;
  const { seed, step, streams, uniforms } = settings;
  setUniforms(operands[RECORDS] as Int32Array, call.k, rows, (r) => {
    if (uniforms !== null) return uniforms[r];
    return seed === null ? Math.random() : uniformOf(seed, step, streams === null ? r : streams[r]);
  });
}

/** The tokens; of raw log-probabilities their logits. */
function decide(call: Call): void {
  const { operands, cols, parameters, k } = call;
  const x = operands[0] as Float32Array;
  const logProbs = operands[LOG_PROBS] as Float32Array | null;
  const tokens = operands[TOKENS] as Int32Array;
  const records = operands[RECORDS] as Int32Array;
  const temperature = parameters[TEMPERATURE];
  eachStagedRow(call, records, (r, row) => {
    const token = row === null ? -1 : row.draw(uniformAt(records, r * k), temperature);
    tokens[r] = token;
    if (logProbs === null) return;
    if (row === null) logProbs[r] = NaN;
    else logProbs[r] = parameters[AT_KIND] === 0 ? row.logProbOf(token, temperature) : x[r * cols + token];
  });
}
