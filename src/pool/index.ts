/**
 * The operations of `softmax-simd` over worker threads, as promises.
 *
 * @module softmax-simd/pool
 */
import { openPool } from './pool.js';
import type { Pool, PoolOptions } from './types.js';

export type { CallOptions, Mode, OptionsOf, ResultOf, Signal } from '../types.js';
export type { AsyncDispose, Pool, PoolMembers, PoolOperations, PoolOptions } from './types.js';

/**
 * Starts worker threads that compute the package's operations: the same names, arguments, results and bits as the main
 * entry's, as promises.
 *
 * @param options `threads`, default as many as the machine runs at once; `tier`, default 'auto'; `ordinary`, who computes over
 *   arrays that are not the pool's; `workerUrl`
 * @returns the pool, when its workers are ready. Where there can be none the calling thread does the work: `threads` is 1
 *   and `reason` says why
 * @throws TypeError for an option of a wrong type, RangeError for a wrong value
 * @throws Error for a tier that the runtime lacks
 * @example
 * const pool = await createPool({ threads: 4 });
 * const logits = pool.alloc(1_000_000);
 * const probs = await pool.softmax(logits, 1000, { out: logits });
 * probs[0]; // 0.001
 * await pool.close();
 */
export function createPool(options?: PoolOptions): Promise<Pool> {
  return openPool(options);
}
