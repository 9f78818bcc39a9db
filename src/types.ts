/** Which implementation computes: WebAssembly with relaxed-SIMD FMA, WebAssembly SIMD, or TypeScript. */
export type Tier = 'relaxed' | 'simd' | 'scalar';

/** What is thrown for an argument that is wrong. */
export interface ArgumentError extends Error {
  /** Its name, as the message and the documentation have it: `targets` also for `targets[7]` and `targets.length`. */
  readonly argument: string;
}

/** WebAssembly.Module where the compiler's libraries declare it (DOM does, those of Node alone do not), else any object. */
export type WasmModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object;

/** Class indices `Int32Array[rows]`, or probabilities `Float32Array[rows, cols]` (one-hot or soft labels). */
export type Targets = Int32Array | Float32Array;

/** What becomes of the row losses: their mean, their sum, or 'none': they stay f32[rows]. */
export type Reduction = 'mean' | 'sum' | 'none';

/** Options of every function with one result. */
export interface OutOptions<O extends Float32Array = Float32Array> {
  /** Where the result goes; the function returns this very array. May be exactly the first input. */
  out?: O | undefined;
}

/** Options of the functions of logits. */
export interface RowOptions<O extends Float32Array = Float32Array> extends OutOptions<O> {
  /** Results are those of logits / temperature; in [2^-16, 2^16], default 1. */
  temperature?: number | undefined;
}

/** Options of `softmaxWithJvp`. */
export interface WithJvpOptions<
  O extends Float32Array = Float32Array,
  V extends Float32Array = Float32Array,
> extends RowOptions<O> {
  /** Where the JVP goes; may be exactly `tangent`. */
  jvpOut?: V | undefined;
}

/** What cross-entropy returns as its loss: the row losses for reduction 'none', else the reduced one. */
export type Loss<L extends Float32Array, R extends Reduction> = R extends 'none' ? L : number;

/** Options of the cross-entropy functions. */
export interface CrossEntropyOptions<
  O extends Float32Array = Float32Array,
  L extends Float32Array = Float32Array,
  R extends Reduction = Reduction,
> {
  /** Default 'mean'. */
  reduction?: R | undefined;
  /** Rows with this class index are not read, cost nothing and get gradient 0. Default -100. */
  ignoreIndex?: number | undefined;
  /** ε in [0, 1]: targets become (1 − ε)·t + ε/cols. Default 0. */
  labelSmoothing?: number | undefined;
  /** f32[cols]: weight of each class's term. */
  classWeights?: Float32Array | undefined;
  /** ζ ≥ 0: adds ζ·lse² to each kept row's loss, not weighted. Default 0. */
  zLoss?: number | undefined;
  /** Multiplies loss and dlogits. Default 1. */
  scale?: number | undefined;
  /** In [2^-16, 2^16], default 1. */
  temperature?: number | undefined;
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
