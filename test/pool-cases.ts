import { openPool } from '../src/pool/pool.js';
import type { Pool, PoolOptions } from '../src/pool/index.js';
import type { Engine } from '../src/index.js';
import * as inputs from './inputs.js';

/** Everything goes to the threads, however small. */
export function openThreads(options: PoolOptions): Promise<Pool> {
  return openPool(options, { shared: 0, copied: 0 });
}

export type OpName = Exclude<keyof Engine, 'softmaxJacobian' | 'tier' | 'reason' | 'alloc' | 'allocInt32' | 'free'>;
type Operand = Float32Array | Int32Array;
export type Options = Record<string, unknown>;

/** One call: its arrays in the order of the signature, and what follows them. */
export interface PoolCase {
  op: OpName;
  arrays: Operand[];
  cols: number;
  options: Options;
}

export const CROSS_ENTROPY: OpName[] = ['crossEntropy', 'crossEntropyGrad', 'crossEntropyWithGrad'];

/** Every operation on rows × cols, with the options that change what the threads get. */
export function poolCases(rows: number, cols: number): PoolCase[] {
  const logits = inputs.normal(rows * cols, 0, 4, cols);
  const tangent = inputs.normal(rows * cols, 0, 2, cols + 1);
  const logProbs = inputs.uniform(rows * cols, -20, 0, cols + 2);
  const plain = inputs.classIndices(rows, cols, cols);
  const labels = plain.map((label, r) => (r % 5 === 3 ? -100 : label));
  const soft = inputs.softLabels(rows, cols, cols);
  const classWeights = inputs.uniform(cols, 0.1, 3, cols);
  const all = { labelSmoothing: 0.1, classWeights, zLoss: 0.01, scale: 3, temperature: 0.7 };
  const make = (op: OpName, arrays: Operand[], options: Options = {}): PoolCase => ({ op, arrays, cols, options });
  return [
    make('softmax', [logits]),
    make('softmax', [logits], { temperature: 1.7 }),
    make('logSoftmax', [logits]),
    make('logSoftmax', [logits], { temperature: 0.3 }),
    make('logSumExp', [logits], { temperature: 0.3 }),
    make('softmaxJvp', [soft, tangent]),
    make('softmaxVjp', [soft, tangent]),
    make('logSoftmaxJvp', [logProbs, tangent]),
    make('logSoftmaxVjp', [logProbs, tangent]),
    make('softmaxWithJvp', [logits, tangent], { temperature: 2 }),
    ...CROSS_ENTROPY.flatMap((op) => [
      ...['mean', 'sum', 'none'].map((reduction) => make(op, [logits, labels], { reduction })),
      make(op, [logits, labels], all),
      make(op, [logits, labels], { ...all, divisor: 1e6 }),
      make(op, [logits, labels], { ...all, reduction: 'none', labelSmoothing: 0 }),
      make(op, [logits, plain], { ignoreIndex: plain[0]!, reduction: 'sum' }),
      make(op, [logits, soft]),
      make(op, [logits, soft], { ...all, reduction: 'none' }),
    ]),
  ];
}

export type AnyOp = (...args: unknown[]) => unknown;

export function callOf(target: object, { op, arrays, cols, options }: PoolCase, more: Options = {}): unknown {
  const f = (target as Record<string, AnyOp>)[op]!;
  return f(...arrays, cols, { ...options, ...more });
}

/** The same call on arrays of the pool's memory, and how to give them back. */
export function sharedCase(pool: Pool, of: PoolCase): { shared: PoolCase; free: () => void } {
  const kept: Operand[] = [];
  const move = <A extends Operand>(array: A): A => {
    const copy = array instanceof Int32Array ? pool.allocInt32(array.length) : pool.alloc(array.length);
    copy.set(array);
    kept.push(copy);
    return copy as A;
  };
  const options = { ...of.options };
  if (options.classWeights) options.classWeights = move(options.classWeights as Float32Array);
  const shared = { ...of, arrays: of.arrays.map(move), options };
  return { shared, free: () => kept.forEach((array) => pool.free(array)) };
}

/** Every bit of what a call returns, as one buffer: NaN is NaN only with the same payload. */
export function bitsOf(result: unknown): Buffer {
  if (typeof result === 'number') return Buffer.from(Float64Array.of(result).buffer);
  if (ArrayBuffer.isView(result)) return Buffer.from(result.buffer, result.byteOffset, result.byteLength);
  return Buffer.concat(Object.values(result as object).map(bitsOf));
}
