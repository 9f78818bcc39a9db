import { createEngine, type CrossEntropyOptions, type Engine, type Tier, type Targets } from '../index.js';
import { CommandError } from './errors.js';

type Result<T> = T | Promise<T>;
type RowFunction = (
  logits: Float32Array,
  cols: number,
  options: { out?: Float32Array; temperature?: number | undefined },
) => Result<Float32Array>;

/** What the operations of the command line need of an engine or a pool. */
export interface Functions {
  readonly softmax: RowFunction;
  readonly logSoftmax: RowFunction;
  readonly logSumExp: RowFunction;
  crossEntropy(
    logits: Float32Array,
    targets: Targets,
    cols: number,
    options: CrossEntropyOptions & { reduction: 'sum' },
  ): Result<number>;
  crossEntropyGrad(
    logits: Float32Array,
    targets: Targets,
    cols: number,
    options: CrossEntropyOptions,
  ): Result<Float32Array>;
}

/** The functions on one thread or several, and memory that they use where it lies. */
export interface Compute {
  readonly functions: Functions;
  readonly tier: Tier;
  readonly threads: number;
  alloc(elements: number): Float32Array;
  close(): Promise<void>;
}

export type TierName = Tier | 'auto';

/** Arrays of more bytes than this are ordinary ones, which the engine copies in parts. */
const MOST_ARENA_BYTES = 1 << 28;

/**
 * An engine whose `alloc` hands out this many bytes, or a pool.
 *
 * @throws CommandError when the tier or the memory cannot be had
 */
export function openCompute(op: string, tier: TierName, threads: number, arenaBytes: number): Promise<Compute> {
  const resident = arenaBytes <= MOST_ARENA_BYTES;
  const engine = engineOf(op, tier, resident ? arenaBytes : 0);
  const alloc = resident ? engine.alloc : ordinary;
  return Promise.resolve({
    functions: engine,
    tier: engine.tier,
    threads,
    alloc: (elements) => orNoMemory(elements, alloc),
    close: () => Promise.resolve(),
  });
}

function engineOf(op: string, tier: TierName, arenaBytes: number): Engine {
  try {
    return createEngine({ tier, arenaBytes });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandError(`${op}: ${message.replace(/^createEngine: expected tier/, 'expected --tier')}`);
  }
}

function ordinary(elements: number): Float32Array {
  return new Float32Array(elements);
}

function orNoMemory(elements: number, alloc: (elements: number) => Float32Array): Float32Array {
  try {
    return alloc(elements);
  } catch {
    throw new CommandError(`not enough memory for a row of ${elements} elements (${4 * elements} bytes)`, 1);
  }
}
