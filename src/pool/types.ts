import type { Operations } from '../ops/operations.js';
import type { Tier } from '../types.js';

/** What `createPool` is asked for. */
export interface PoolOptions {
  /** Worker threads, 1 to 1024. Default: as many as this machine runs at once. */
  threads?: number | undefined;
  /** As in createEngine: 'auto' is the first of 'relaxed', 'simd' and 'scalar' that the runtime compiles. */
  tier?: Tier | 'auto' | undefined;
  /**
   * Who computes calls over arrays that are not of `pool.alloc`: 'workers', so that the calling thread only copies, or
   * 'fastest', which is the calling thread, in pieces of some milliseconds, unless a call takes much longer than its two
   * copies. Default: 'fastest' in Node, Bun and Deno, 'workers' in browsers, where pages must stay free.
   */
  ordinary?: 'workers' | 'fastest' | undefined;
  /** Where the worker's script is, `softmax-simd/pool/worker.js`, for a page whose policy forbids blob: URLs. */
  workerUrl?: string | { readonly href: string } | undefined;
}

/**
 * The functions of the main entry but softmaxJacobian, as promises: the same arguments, checks, results and bits, on any
 * number of threads; `signal` and `onProgress` beside their options. A call reads its arguments at once; its arrays belong
 * to it until its promise settles, which is not checked. Beside what the functions throw a promise rejects with the
 * signal's reason, and with an Error when a worker dies or the pool is closed.
 */
export type PoolOperations = Omit<Operations<'async'>, 'softmaxJacobian'>;

/** `[Symbol.asyncDispose]` where the compiler's libraries know it. */
export type AsyncDispose = SymbolConstructor extends { readonly asyncDispose: infer S extends symbol }
  ? Record<S, () => Promise<void>>
  : unknown;

/** What a pool has; `await using` closes it where the language has that. */
export interface PoolMembers extends PoolOperations {
  /** How many threads compute: the workers, or 1 where there are none and the calling thread does the work. */
  readonly threads: number;
  /** Why there are fewer workers than asked for, or none, or why rows travel by message; null when all is well. */
  readonly reason: string | null;
  /** The implementation that computes. */
  readonly tier: Tier;
  /** Why it is no faster one, as `reason` of an engine; null on 'relaxed' and on a tier that was asked for. */
  readonly tierReason: string | null;
  /**
   * A zero-filled, 16-byte aligned array in memory that all threads of this pool share: its operations copy nothing.
   * Where memory cannot be shared it is an ordinary array. The memory is less than 4 GiB and does not shrink: what is
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
