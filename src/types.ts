/** Which implementation computes: WebAssembly with relaxed-SIMD FMA, WebAssembly SIMD, or TypeScript. */
export type Tier = 'relaxed' | 'simd' | 'scalar';

/** What is thrown for an argument that is wrong. */
export interface ArgumentError extends Error {
  /** Its name, as the message and the documentation have it: `targets` also for `targets[7]` and `targets.length`. */
  readonly argument: string;
}

/** WebAssembly.Module where the compiler's libraries declare it (DOM does, those of Node alone do not), else any object. */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object;

/** The class Float16Array where the compiler's libraries declare it; else nothing is of this type. */
export type Float16 = typeof globalThis extends { Float16Array: { prototype: infer F } } ? F : never;

/** What the bits of half floats in a Uint16Array are: of IEEE 754's binary16, or the upper half of a float32's. */
export type HalfKind = 'float16' | 'bfloat16';

/** Integers of any size. */
export type IntegerArray =
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | BigInt64Array
  | BigUint64Array;

/** Class indices, integers [rows] of any size, or probabilities `Float32Array[rows, cols]` (one-hot or soft labels). */
export type Targets = IntegerArray | Float32Array;

/** What becomes of the row losses: their mean, their sum, or 'none': they stay f32[rows]. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Results of logits: float32, or half floats where the logits are. */
export type Floats = Float32Array | Uint16Array | Float16;

/** Options of every function with one result. */
export interface OutOptions<O extends Floats = Float32Array> {
  /** Where the result goes; the function returns this very array. May be exactly the first input. */
  out?: O | undefined;
}

/** Another axis than the last. */
export interface InnerOptions {
  /**
   * Elements from one of a row to the next, default 1: the product of the dimensions after the one that rows go along. Arrays
   * are [outer, cols, inner] then, and what is one a row is [outer, inner]: `inner` is H · W for the channels of NCHW.
   */
  inner?: number | undefined;
}

/** Options of derivatives of probabilities. */
export interface DerivativeOptions<O extends Float32Array = Float32Array> extends OutOptions<O>, InnerOptions {}

/**
 * Rows as they are: how they lie and what of them takes part. Results are, bit for bit, those of the same rows written out as
 * f32[rows, cols] with -Infinity where a column takes no part; logits there are not read. (`argmax` and `topK` name no column
 * that takes no part: where too few do, -1 stands beside 0, or -Infinity of logProbs and logits.)
 */
export interface LayoutOptions<D extends string = 'float32'> extends InnerOptions {
  /** i32[rows]: the first column of each row that takes part, default 0; or fewer, which rows take in turns. */
  starts?: Int32Array | undefined;
  /** i32[rows]: the column after the last that takes part, default cols; or fewer, which rows take in turns. */
  ends?: Int32Array | undefined;
  /**
   * What takes part: u8[rows, cols], not 0, or fewer rows that take turns; or packed bits, ceil(cols / 32) words a row, bit
   * j & 31 of word j >> 5 for column j (only where `inner` is 1). With `inner`, bytes in the layout of the logits, or u8[cols].
   */
  mask?: Uint8Array | Uint32Array | Int32Array | undefined;
  /** What the logits are: needed for half floats in a Uint16Array. */
  dtype?: D | undefined;
}

/** Options where a row may be left with nothing. */
export interface EmptyOptions {
  /** What a row of nothing but -Infinity becomes: NaN, the default; or 0, -Infinity for logSoftmax. */
  emptyRows?: 'nan' | 'zero' | undefined;
}

/** Options of the functions of logits. */
export interface RowOptions<O extends Floats = Float32Array, D extends string = 'float32'>
  extends OutOptions<O>, LayoutOptions<D> {
  /** Results are those of logits / temperature; in [2^-16, 2^16], default 1. */
  temperature?: number | undefined;
}

/** Options of `softmax` and `logSoftmax`. */
export interface SoftmaxOptions<O extends Floats = Float32Array, D extends string = 'float32'>
  extends RowOptions<O, D>, EmptyOptions {}

/** The option without which bits are not known. */
export interface OfBits {
  /** What the bits are. */
  dtype: HalfKind;
}

/** `softmax` and `logSoftmax` of half floats. */
export interface MatrixOfHalves<M extends Mode = 'sync'> {
  /** Of half floats, which `dtype` names; `out` may be of the same, each result rounded once from its float32. */
  <O extends Float32Array | Uint16Array = Float32Array<ArrayBuffer>>(
    logits: Uint16Array,
    cols: number,
    options: OptionsOf<M, SoftmaxOptions<O, HalfKind> & OfBits>,
  ): ResultOf<M, NoInfer<O>>;
  /** Of a Float16Array; `out` may be one, each result rounded once from its float32. */
  <O extends Float32Array | Float16 = Float32Array<ArrayBuffer>>(
    logits: Float16,
    cols: number,
    options?: OptionsOf<M, SoftmaxOptions<O, 'float16'>>,
  ): ResultOf<M, NoInfer<O>>;
}

/** `logSumExp` and `entropy` of half floats. */
export interface RowValueOfHalves<M extends Mode = 'sync'> {
  /** Of half floats, which `dtype` names. */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Uint16Array,
    cols: number,
    options: OptionsOf<M, RowOptions<O, HalfKind> & OfBits>,
  ): ResultOf<M, NoInfer<O>>;
  /** Of a Float16Array. */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float16,
    cols: number,
    options?: OptionsOf<M, RowOptions<O, 'float16'>>,
  ): ResultOf<M, NoInfer<O>>;
}

/** Options of `softmaxWithJvp`. */
export interface WithJvpOptions<
  O extends Floats = Float32Array,
  V extends Float32Array = Float32Array,
  D extends string = 'float32',
> extends SoftmaxOptions<O, D> {
  /** Where the JVP goes; may be exactly `tangent`. */
  jvpOut?: V | undefined;
}

/** What cross-entropy returns as its loss: the row losses for reduction 'none', else the reduced one. */
export type Loss<L extends Float32Array, R extends Reduction> = R extends 'none' ? L : number;

/** Options of the cross-entropy functions. */
export interface CrossEntropyOptions<
  O extends Floats = Float32Array,
  L extends Float32Array = Float32Array,
  R extends Reduction = Reduction,
  D extends string = 'float32',
> extends LayoutOptions<D> {
  /** Default 'mean'. */
  reduction?: R | undefined;
  /** Rows with this class index are not read, cost nothing and get gradient 0. Default -100. */
  ignoreIndex?: number | undefined;
  /** ε in [0, 1]: targets become (1 − ε)·t + ε/cols. Default 0. */
  labelSmoothing?: number | undefined;
  /** f32[cols]: weight of each class's term. */
  classWeights?: Float32Array | undefined;
  /** ζ ≥ 0: adds ζ·lse² to each kept row's loss, which class weights do not weigh. Default 0. */
  zLoss?: number | undefined;
  /** Multiplies loss and dlogits. Default 1. */
  scale?: number | undefined;
  /** In [2^-16, 2^16], default 1. */
  temperature?: number | undefined;
  /**
   * f32[rows], finite: multiplies each row's loss and gradient, not `lse`, and not what 'mean' divides by. 0 makes both 0,
   * whatever the row holds.
   */
  rowWeights?: Float32Array | undefined;
  /**
   * What 'mean' divides by instead of its own count: a finite number other than 0, for some rows of a larger batch (shards,
   * gradient accumulation). Each row then counts as it does in the whole. Only with 'mean'.
   */
  divisor?: number | undefined;
  /** f32[rows, cols]: where dlogits go; may be exactly `logits`. `crossEntropy` ignores it. */
  out?: O | undefined;
  /** f32[rows]: receives the row losses, as reduction 'none' returns them. */
  losses?: L | undefined;
  /** f32[rows]: receives logSumExp(logits / temperature) of each row, 0 for ignored rows. */
  lse?: Float32Array | undefined;
}

/** AbortSignal where the compiler's libraries declare it, else any object. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : object;

/** Options that every operation of a pool takes beside its own. */
export interface CallOptions {
  /** Ends a call that is not finished: it rejects with the signal's reason once no thread uses its arrays; outputs hold anything. */
  signal?: Signal | undefined;
  /** Called now and then with the rows that are done and the rows in all; the last time with all of them. */
  onProgress?: ((rows: number, total: number) => void) | undefined;
}

/** How the functions answer: at once, or with a promise, as those of a pool do. */
export type Mode = 'sync' | 'async';

/** What a function of that mode returns. */
export type ResultOf<M extends Mode, T> = M extends 'sync' ? T : Promise<T>;

/** What it takes beside an operation's own options. */
export type OptionsOf<M extends Mode, T> = M extends 'sync' ? T : T & CallOptions;
