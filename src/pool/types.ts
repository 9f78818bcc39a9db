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
  /** Ends a call that is not finished: it rejects with the signal's reason once no thread uses its arrays; outputs hold anything. */
  signal?: Signal | undefined;
  /** Called now and then with the rows that are done and the rows in all; the last time with all of them. */
  onProgress?: ((rows: number, total: number) => void) | undefined;
}

/** What `createPool` is asked for. */
export interface PoolOptions {
  /** Worker threads, 1 to 1024. Default: as many as this machine runs at once. */
  threads?: number | undefined;
  /** As in createEngine: 'auto' is the first of 'relaxed', 'simd' and 'scalar' that the runtime compiles. */
  tier?: Tier | 'auto' | undefined;
  /** Where the worker's script is, `softmax-simd/pool/worker.js`, for a page whose policy forbids blob: URLs. */
  workerUrl?: string | { readonly href: string } | undefined;
}

/**
 * The functions of the main entry but softmaxJacobian, as promises: the same arguments, checks, results and bits, on any
 * number of threads. A call reads its arguments at once; its arrays belong to it until its promise settles, which is
 * not checked.
 */
export interface PoolOperations {
  /**
   * Softmax of each row.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `logits`; `temperature` T, default 1; `signal`, `onProgress`
   * @returns f32[rows, cols], `out` itself when given, with the bits of the main entry's `softmax`
   * @throws (as a rejection) what `softmax` throws; the signal's reason; Error when a worker dies or the pool is closed
   * @example
   * await pool.softmax(new Float32Array([1, 2, 3, 1, 1, 1]), 3);
   */
  softmax: <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    options?: RowOptions<O> & CallOptions,
  ) => Promise<NoInfer<O>>;
  /**
   * Logarithm of the softmax of each row.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `logits`; `temperature` T, default 1; `signal`, `onProgress`
   * @returns f32[rows, cols], `out` itself when given, with the bits of the main entry's `logSoftmax`
   * @throws (as a rejection) what `logSoftmax` throws; the signal's reason; Error when a worker dies or the pool is closed
   * @example
   * await pool.logSoftmax(new Float32Array([1, 2, 3, 1, 1, 1]), 3);
   */
  logSoftmax: <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    options?: RowOptions<O> & CallOptions,
  ) => Promise<NoInfer<O>>;
  /**
   * Logarithm of the sum of the exponentials of each row.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row
   * @param options `out` f32[rows]; `temperature` T, default 1; `signal`, `onProgress`
   * @returns f32[rows], `out` itself when given, with the bits of the main entry's `logSumExp`
   * @throws (as a rejection) what `logSumExp` throws; the signal's reason; Error when a worker dies or the pool is closed
   * @example
   * await pool.logSumExp(new Float32Array([1, 2, 3, 1, 1, 1]), 3);
   */
  logSumExp: <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    options?: RowOptions<O> & CallOptions,
  ) => Promise<NoInfer<O>>;
  /**
   * Jacobian-vector product of softmax by row: `a (u − ⟨a, u⟩)`.
   *
   * @param probs f32[rows, cols], row-major
   * @param tangent f32[rows, cols]
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `probs`; `signal`, `onProgress`
   * @returns f32[rows, cols], `out` itself when given, with the bits of the main entry's `softmaxJvp`
   * @throws (as a rejection) what `softmaxJvp` throws; the signal's reason; Error when a worker dies or the pool is closed
   * @example
   * await pool.softmaxJvp(probs, tangent, 1000, { out: probs });
   */
  softmaxJvp: <O extends Float32Array = Float32Array<ArrayBuffer>>(
    probs: Float32Array,
    tangent: Float32Array,
    cols: number,
    options?: OutOptions<O> & CallOptions,
  ) => Promise<NoInfer<O>>;
  /**
   * Vector-Jacobian product of softmax by row, the values of `softmaxJvp`.
   *
   * @param probs f32[rows, cols], row-major
   * @param cotangent f32[rows, cols]
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `probs`; `signal`, `onProgress`
   * @returns f32[rows, cols], `out` itself when given, with the bits of the main entry's `softmaxVjp`
   * @throws (as a rejection) what `softmaxVjp` throws; the signal's reason; Error when a worker dies or the pool is closed
   * @example
   * await pool.softmaxVjp(probs, cotangent, 1000, { out: probs });
   */
  softmaxVjp: <O extends Float32Array = Float32Array<ArrayBuffer>>(
    probs: Float32Array,
    cotangent: Float32Array,
    cols: number,
    options?: OutOptions<O> & CallOptions,
  ) => Promise<NoInfer<O>>;
  /**
   * Jacobian-vector product of log-softmax by row: `u − ⟨a, u⟩`, a = exp(logProbs).
   *
   * @param logProbs f32[rows, cols], row-major
   * @param tangent f32[rows, cols]
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `logProbs`; `signal`, `onProgress`
   * @returns f32[rows, cols], `out` itself when given, with the bits of the main entry's `logSoftmaxJvp`
   * @throws (as a rejection) what `logSoftmaxJvp` throws; the signal's reason; Error when a worker dies or the pool is closed
   * @example
   * await pool.logSoftmaxJvp(logProbs, tangent, 1000, { out: logProbs });
   */
  logSoftmaxJvp: <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logProbs: Float32Array,
    tangent: Float32Array,
    cols: number,
    options?: OutOptions<O> & CallOptions,
  ) => Promise<NoInfer<O>>;
  /**
   * Vector-Jacobian product of log-softmax by row: `g − a Σg`, a = exp(logProbs).
   *
   * @param logProbs f32[rows, cols], row-major
   * @param cotangent f32[rows, cols]
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `logProbs`; `signal`, `onProgress`
   * @returns f32[rows, cols], `out` itself when given, with the bits of the main entry's `logSoftmaxVjp`
   * @throws (as a rejection) what `logSoftmaxVjp` throws; the signal's reason; Error when a worker dies or the pool is closed
   * @example
   * await pool.logSoftmaxVjp(logProbs, cotangent, 1000, { out: logProbs });
   */
  logSoftmaxVjp: <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logProbs: Float32Array,
    cotangent: Float32Array,
    cols: number,
    options?: OutOptions<O> & CallOptions,
  ) => Promise<NoInfer<O>>;
  /**
   * Softmax and its Jacobian-vector product in one pass.
   *
   * @param logits f32[rows, cols], row-major
   * @param tangent f32[rows, cols]
   * @param cols elements of a row
   * @param options `out`, which may be exactly `logits`; `jvpOut`, which may be exactly `tangent`; `temperature`; `signal`,
   *   `onProgress`
   * @returns `probs` and `jvp`, `out` and `jvpOut` themselves when given, with the bits of the main entry's `softmaxWithJvp`
   * @throws (as a rejection) what `softmaxWithJvp` throws; the signal's reason; Error when a worker dies or the pool is closed
   * @example
   * const { probs, jvp } = await pool.softmaxWithJvp(logits, tangent, 1000);
   */
  softmaxWithJvp: <
    O extends Float32Array = Float32Array<ArrayBuffer>,
    V extends Float32Array = Float32Array<ArrayBuffer>,
  >(
    logits: Float32Array,
    tangent: Float32Array,
    cols: number,
    options?: WithJvpOptions<O, V> & CallOptions,
  ) => Promise<{
    /** f32[rows, cols] */
    probs: NoInfer<O>;
    /** f32[rows, cols] */
    jvp: NoInfer<V>;
  }>;
  /**
   * Cross-entropy of each row, reduced over the rows: the row losses are summed in row order, whoever computed them.
   *
   * @param logits f32[rows, cols], row-major
   * @param targets Int32Array[rows] class indices, or Float32Array[rows, cols] probabilities
   * @param cols classes, the elements of a row
   * @param options see {@link CrossEntropyOptions}; `signal`, `onProgress`
   * @returns the loss in float64; for reduction 'none' the f32[rows] losses, `losses` itself when given
   * @throws (as a rejection) what `crossEntropy` throws; the signal's reason; Error when a worker dies or the pool is closed
   * @example
   * await pool.crossEntropy(new Float32Array([2, 0, 0, 2]), new Int32Array([0, 1]), 2); // 0.1269
   */
  crossEntropy: <R extends Reduction = 'mean', L extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    targets: Targets,
    cols: number,
    options?: CrossEntropyOptions<Float32Array, L, R> & CallOptions,
  ) => Promise<Loss<NoInfer<L>, NoInfer<R>>>;
  /**
   * Gradient of `crossEntropy` with respect to the logits.
   *
   * @param logits f32[rows, cols], row-major
   * @param targets Int32Array[rows] class indices, or Float32Array[rows, cols] probabilities
   * @param cols classes, the elements of a row
   * @param options see {@link CrossEntropyOptions}; `out` may be exactly `logits`; `signal`, `onProgress`
   * @returns dlogits f32[rows, cols], `out` itself when given
   * @throws (as a rejection) what `crossEntropyGrad` throws; the signal's reason; Error when a worker dies or the pool is
   *   closed
   * @example
   * await pool.crossEntropyGrad(new Float32Array([0, 0]), new Int32Array([1]), 2); // [0.5, -0.5]
   */
  crossEntropyGrad: <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    targets: Targets,
    cols: number,
    options?: CrossEntropyOptions<O> & CallOptions,
  ) => Promise<NoInfer<O>>;
  /**
   * `crossEntropy` and `crossEntropyGrad` in one pass over the logits.
   *
   * @param logits f32[rows, cols], row-major
   * @param targets Int32Array[rows] class indices, or Float32Array[rows, cols] probabilities
   * @param cols classes, the elements of a row
   * @param options see {@link CrossEntropyOptions}; `out` may be exactly `logits`; `signal`, `onProgress`
   * @returns `loss` and `dlogits` with the bits that the two functions return
   * @throws (as a rejection) what `crossEntropyWithGrad` throws; the signal's reason; Error when a worker dies or the pool is
   *   closed
   * @example
   * const { loss, dlogits } = await pool.crossEntropyWithGrad(logits, labels, 1000, { out: logits });
   */
  crossEntropyWithGrad: <
    R extends Reduction = 'mean',
    O extends Float32Array = Float32Array<ArrayBuffer>,
    L extends Float32Array = Float32Array<ArrayBuffer>,
  >(
    logits: Float32Array,
    targets: Targets,
    cols: number,
    options?: CrossEntropyOptions<O, L, R> & CallOptions,
  ) => Promise<{
    /** A number; for reduction 'none' f32[rows] */
    loss: Loss<NoInfer<L>, NoInfer<R>>;
    /** f32[rows, cols] */
    dlogits: NoInfer<O>;
  }>;
}

/** `[Symbol.asyncDispose]` where the compiler's libraries know it. */
export type AsyncDispose = SymbolConstructor extends { readonly asyncDispose: infer S extends symbol }
  ? Record<S, () => Promise<void>>
  : unknown;

/** What a pool has; `await using` closes it where the language has that. */
export interface PoolMembers extends PoolOperations {
  /** How many threads compute: the workers, or 1 where there are none and the calling thread does the work. */
  readonly threads: number;
  /** The implementation that computes. */
  readonly tier: Tier;
  /** Why no faster tier is used, no worker runs, or rows travel by message; null when there is nothing to say. */
  readonly reason: string | null;
  /**
   * A zero-filled, 16-byte aligned array in memory that all threads of this pool share: its operations copy nothing.
   * Where memory cannot be shared it is an ordinary array. The memory is at most 4 GiB and does not shrink: what is
   * freed is used again.
   *
   * @param length elements
   * @returns f32[length]
   * @throws TypeError for a length that is no number
   * @throws RangeError for one that is no integer >= 0, or for want of memory
   * @example
   * const pool = await createPool({ threads: 2 });
   * await pool.softmax(pool.alloc(4), 2); // [0.5, 0.5, 0.5, 0.5]
   * await pool.close();
   */
  alloc(length: number): Float32Array;
  /**
   * `alloc` for class indices.
   *
   * @param length elements
   * @returns i32[length]
   * @throws TypeError for a length that is no number
   * @throws RangeError for one that is no integer >= 0, or for want of memory
   * @example
   * const pool = await createPool({ threads: 2 });
   * await pool.crossEntropy(pool.alloc(4), pool.allocInt32(2), 2); // 0.6931
   * await pool.close();
   */
  allocInt32(length: number): Int32Array;
  /**
   * Gives the space of an array back.
   *
   * @param array the very array that `alloc` or `allocInt32` of this pool returned, once, and in use by no call
   * @throws TypeError for any other array
   * @example
   * const pool = await createPool({ threads: 2 });
   * pool.free(pool.alloc(1000));
   * pool.alloc(1000).length; // 1000
   * await pool.close();
   */
  free(array: Float32Array | Int32Array): void;
  /**
   * Ends the workers. A pool at rest does not keep a Node program alive, so this is for programs that go on.
   *
   * Calls in flight reject, and so do all later ones.
   *
   * @returns when no thread is at work any more
   * @example
   * const pool = await createPool({ threads: 2 });
   * pool.threads; // 2
   * await pool.close();
   */
  close(): Promise<void>;
}

/** Worker threads that compute the package's operations; see {@link PoolMembers}. */
export type Pool = PoolMembers & AsyncDispose;
