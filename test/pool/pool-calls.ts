import { openPool } from '../../src/pool/pool.js';
import type { Pool, PoolOptions } from '../../src/pool/index.js';
import { type Call, callsOn, OPS, type Operand } from '../calls.js';

/** Everything goes to the threads, however small. */
export function openThreads(options: PoolOptions): Promise<Pool> {
  return openPool({ ordinary: 'workers', ...options }, { shared: 0, copied: 0 });
}

export const POOL_OPS = OPS.filter(({ engineOnly }) => !engineOnly);

/** Every operation of a pool on rows × cols, in every way that changes what the threads get. */
export function poolCalls(rows: number, cols: number): Call[] {
  return callsOn(rows, cols, POOL_OPS).flatMap((call, i, calls) => {
    if (!call.op.options.includes('reduction')) return [call];
    const reductions = ['mean', 'sum', 'none'];
    const given = (reduction: string) => ({ ...call, options: { ...call.options, reduction } });
    // All three in an operation's first way, and one after the other in its further ones.
    return calls[i - 1]?.op === call.op ? [given(reductions[i % 3])] : reductions.map(given);
  });
}

/** The same call on arrays of the pool's memory, and how to give them back. */
export function sharedCall(pool: Pool, call: Call): { shared: Call; free: () => void } {
  const kept: Operand[] = [];
  const move = <A extends Operand>(array: A): A => {
    const copy = array instanceof Int32Array ? pool.allocInt32(array.length) : pool.alloc(array.length);
    copy.set(array);
    kept.push(copy as A);
    return copy as A;
  };
  const options = { ...call.options };
  if (options.classWeights) options.classWeights = move(options.classWeights as Operand);
  const shared = { ...call, arrays: call.arrays.map(move), options };
  return { shared, free: () => kept.forEach((array) => pool.free(array)) };
}

/** Every bit of what a call returns, as one buffer: NaN is NaN only with the same payload. */
export function bitsOf(result: unknown): Buffer {
  // A NaN's sign and payload are nobody's promise.
  if (typeof result === 'number') return Buffer.from(Float64Array.of(Number.isNaN(result) ? NaN : result).buffer);
  if (ArrayBuffer.isView(result)) return Buffer.from(result.buffer, result.byteOffset, result.byteLength);
  return Buffer.concat(Object.values(result as object).map(bitsOf));
}
