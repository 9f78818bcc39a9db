import {
  createEngine,
  type CrossEntropyOptions,
  type LayoutOptions,
  type Operations,
  type Reduction,
  type Targets,
  type Tier,
} from '../index.js';
import type { Memory } from './block.js';
import { CommandError } from './errors.js';
import { asFlagError } from './flag.js';
import { COMMON } from './flags.js';

/** What the operations of the command line need of an engine or a pool; a pool's are to be awaited. */
export type Functions = {
  readonly [K in keyof Operations]: K extends 'crossEntropy' | 'crossEntropyWithGrad' ? LossFunction : RowFunction;
};
/** Float32, or half floats that `dtype` says the kind of. */
type Logits = Float32Array | Uint16Array;
/** Of a function of logits: its options, behind how many it gives of each row where it asks. */
export type RowArguments = [options: RowCallOptions] | [k: number, options: RowCallOptions];
type RowCallOptions = LayoutOptions<string> & { out?: Float32Array | Int32Array; indices?: Int32Array };
type RowFunction = (logits: Logits, cols: number, ...rest: RowArguments) => unknown;
type LossFunction = (
  logits: Logits,
  targets: Targets,
  cols: number,
  options?: CrossEntropyOptions<Float32Array, Float32Array, Reduction, string>,
) => unknown;

/** One thread or several, and memory that they use where it lies. */
export interface Compute {
  readonly functions: Functions;
  readonly memory: Memory;
  readonly tier: Tier;
  readonly threads: number;
  close(): Promise<void>;
}

export type TierName = Tier | 'auto';

/** More than this is not taken from an engine's arena but of ordinary arrays, which the engine copies in parts. */
const MOST_ARENA_BYTES = 1 << 28;

/**
 * An engine whose memory has room for this many bytes (null: ordinary arrays), or a pool.
 *
 * @throws CommandError when the tier cannot be had
 */
export async function openCompute(tier: TierName = 'auto', threads = 1, arenaBytes: number | null): Promise<Compute> {
  try {
    return threads === 1 ? onOneThread(tier, arenaBytes) : await onThreads(tier, threads);
  } catch (error) {
    throw asFlagError(COMMON, error);
  }
}

function onOneThread(tier: TierName, arenaBytes: number | null): Compute {
  const resident = arenaBytes !== null && arenaBytes <= MOST_ARENA_BYTES;
  const engine = createEngine({ tier, arenaBytes: resident ? arenaBytes : 0 });
  const memory = withClearErrors(resident ? engine : ORDINARY);
  return {
    functions: engine as unknown as Functions,
    memory,
    tier: engine.tier,
    threads: 1,
    close: () => Promise.resolve(),
  };
}

async function onThreads(tier: TierName, threads: number): Promise<Compute> {
  const { createPool } = await import('../pool/index.js');
  const pool = await createPool({ tier, threads });
  const memory = withClearErrors(pool);
  return {
    functions: pool as unknown as Functions,
    memory,
    tier: pool.tier,
    threads: pool.threads,
    close: () => pool.close(),
  };
}

export const ORDINARY: Memory = {
  // Read and written as bytes: there may be fewer of them in an array than of floats' own.
  alloc: (elements) => new Float32Array(new Uint8Array(4 * elements).buffer),
  allocInt32: (elements) => new Int32Array(elements),
  free: () => undefined,
};

function withClearErrors({ alloc, allocInt32, free }: Memory): Memory {
  return { alloc: clear(alloc), allocInt32: clear(allocInt32), free };
}

function clear<T>(alloc: (elements: number) => T): (elements: number) => T {
  return (elements) => {
    try {
      return alloc(elements);
    } catch {
      throw new CommandError(`not enough memory for ${elements} elements (${4 * elements} bytes) at once`, 1);
    }
  };
}
