import type {
  CrossEntropyOptions,
  Loss,
  OutOptions,
  Reduction,
  RowOptions,
  Targets,
  Tier,
  WithJvpOptions,
} from '../types.js';

/** AbortSignal where the compiler's libraries declare it, else any object. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : object;

/** Options that every operation of a pool takes beside its own. */
export interface CallOptions {
  /** Ends the call early: it rejects with the signal's reason once no thread uses its arrays; outputs hold anything. */
  signal?: Signal | undefined;
  /** Called now and then with the rows that are done and the rows in all; the last time with all of them. */
  onProgress?: ((rows: number, total: number) => void) | undefined;
}

export interface PoolOptions {
  /** Worker threads, 1 to 1024. Default: as many as this machine runs at once. */
  threads?: number | undefined;
  /** As in createEngine: 'auto' is the first of 'relaxed', 'simd' and 'scalar' that the runtime compiles. */
  tier?: Tier | 'auto' | undefined;
  /** Where the worker's script is, `softmax-simd/pool/worker.js`, for a page whose policy forbids blob: URLs. */
  workerUrl?: string | { readonly href: string } | undefined;
}

type RowOp = <O extends Float32Array = Float32Array<ArrayBuffer>>(
  logits: Float32Array,
  cols: number,
  options?: RowOptions<O> & CallOptions,
) => Promise<NoInfer<O>>;

type PairOp = <O extends Float32Array = Float32Array<ArrayBuffer>>(
  first: Float32Array,
  second: Float32Array,
  cols: number,
  options?: OutOptions<O> & CallOptions,
) => Promise<NoInfer<O>>;

/**
 * The functions of the main entry but softmaxJacobian, with the same arguments, checks, results and bits, as promises.
 * A call reads its arguments at once; its arrays belong to it until its promise settles.
 */
export interface PoolOperations {
  softmax: RowOp;
  logSoftmax: RowOp;
  logSumExp: RowOp;
  softmaxJvp: PairOp;
  softmaxVjp: PairOp;
  logSoftmaxJvp: PairOp;
  logSoftmaxVjp: PairOp;
  softmaxWithJvp: <
    O extends Float32Array = Float32Array<ArrayBuffer>,
    V extends Float32Array = Float32Array<ArrayBuffer>,
  >(
    logits: Float32Array,
    tangent: Float32Array,
    cols: number,
    options?: WithJvpOptions<O, V> & CallOptions,
  ) => Promise<{ probs: NoInfer<O>; jvp: NoInfer<V> }>;
  crossEntropy: <R extends Reduction = 'mean', L extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    targets: Targets,
    cols: number,
    options?: CrossEntropyOptions<Float32Array, L, R> & CallOptions,
  ) => Promise<Loss<NoInfer<L>, NoInfer<R>>>;
  crossEntropyGrad: <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    targets: Targets,
    cols: number,
    options?: CrossEntropyOptions<O> & CallOptions,
  ) => Promise<NoInfer<O>>;
  crossEntropyWithGrad: <
    R extends Reduction = 'mean',
    O extends Float32Array = Float32Array<ArrayBuffer>,
    L extends Float32Array = Float32Array<ArrayBuffer>,
  >(
    logits: Float32Array,
    targets: Targets,
    cols: number,
    options?: CrossEntropyOptions<O, L, R> & CallOptions,
  ) => Promise<{ loss: Loss<NoInfer<L>, NoInfer<R>>; dlogits: NoInfer<O> }>;
}

/** `[Symbol.asyncDispose]` where the compiler's libraries know it. */
type AsyncDispose = SymbolConstructor extends { readonly asyncDispose: infer S extends symbol }
  ? Record<S, () => Promise<void>>
  : unknown;

interface PoolMembers extends PoolOperations {
  /** How many threads compute: the workers, or 1 where there are none and the calling thread does the work. */
  readonly threads: number;
  readonly tier: Tier;
  /** Why no faster tier is used, no worker runs, or rows travel by message; null when there is nothing to say. */
  readonly reason: string | null;
  /**
   * A zero-filled, 16-byte aligned array in memory that all threads of this pool share: its operations copy nothing.
   * Where memory cannot be shared it is an ordinary array. The memory is at most 4 GiB and does not shrink: what is
   * freed is used again.
   *
   * @param length elements
   * @throws TypeError for a length that is no number
   * @throws RangeError for one that is no integer >= 0, or for want of memory
   */
  alloc(length: number): Float32Array;
  /** `alloc` for class indices. */
  allocInt32(length: number): Int32Array;
  /**
   * Gives the space of an array back.
   *
   * @param array the very array that `alloc` or `allocInt32` of this pool returned, once, and in use by no call
   * @throws TypeError for any other array
   */
  free(array: Float32Array | Int32Array): void;
  /** Ends the workers. Calls in flight reject, and so do all later ones. Resolves when no thread is at work any more. */
  close(): Promise<void>;
}

/** Worker threads that compute the package's operations; see {@link PoolOperations}. */
export type Pool = PoolMembers & AsyncDispose;
