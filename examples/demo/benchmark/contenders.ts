import { backend, createEngine, type Engine, type Tier } from 'softmax-simd';
import { plain } from './plain.js';
import type { Request } from './messages.js';
import type { Input, Op } from './shapes.js';

export interface Contender {
  name: string;
  /** The most ULP that it may be off, or null where nothing is promised. */
  promise: number | null;
  /** Arrays of its own for one input. */
  prepare(op: Op, input: Input): Prepared;
}

export interface Prepared {
  run(): void;
  /** f32[rows, cols]: what `run` writes */
  out: Float32Array;
  release(): void;
}

export const PLAIN = 'Math.exp loop';
const TIERS: readonly Tier[] = ['relaxed', 'simd', 'scalar'];

/** softmax and dlogits of class indices, by this library. */
const PROMISE = 6;

/** What this browser can run of what is asked for, and why it cannot run the rest. */
export function contenders({ engines, shapes }: Request): {
  here: Contender[];
  missing: { name: string; reason: string }[];
} {
  const here: Contender[] = [];
  const missing: { name: string; reason: string }[] = [];
  const elements = shapes.reduce((most, { rows, cols }) => Math.max(most, rows * cols), 0);
  // Logits, results and labels of one shape, and what alignment adds.
  const arenaBytes = engines === 'usual' ? 0 : 12 * elements + 1024;
  for (const tier of engines === 'usual' ? [backend().tier] : TIERS) {
    try {
      const engine = createEngine({ tier, arenaBytes: tier === 'scalar' ? 0 : arenaBytes });
      // Arrays in WebAssembly's memory save the copies; once is enough to show it.
      if (engines === 'all' && here.length === 0 && tier !== 'scalar') here.push(inMemory(engine));
      here.push(onArrays(engine));
    } catch (error) {
      missing.push({ name: tier, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  here.push({
    name: PLAIN,
    promise: null,
    prepare(op, input) {
      const out = new Float32Array(input.logits.length);
      return { run: () => plain[op](input, out), out, release: () => undefined };
    },
  });
  return { here, missing };
}

function onArrays(engine: Engine): Contender {
  return {
    name: engine.tier,
    promise: PROMISE,
    prepare(op, input) {
      const out = new Float32Array(input.logits.length);
      return { run: call(engine, op, input, out), out, release: () => undefined };
    },
  };
}

function inMemory(engine: Engine): Contender {
  return {
    name: `${engine.tier}, alloc`,
    promise: PROMISE,
    prepare(op, input) {
      const logits = engine.alloc(input.logits.length);
      const labels = engine.allocInt32(input.labels.length);
      const out = engine.alloc(input.logits.length);
      logits.set(input.logits);
      labels.set(input.labels);
      const release = () => [logits, labels, out].forEach((array) => engine.free(array));
      return { run: call(engine, op, { ...input, logits, labels }, out), out, release };
    },
  };
}

function call(engine: Engine, op: Op, { logits, labels, cols }: Input, out: Float32Array): () => void {
  if (op === 'softmax') {
    const options = { out };
    return () => engine.softmax(logits, cols, options);
  }
  const options = { out, reduction: 'sum' } as const;
  return () => engine.crossEntropyWithGrad(logits, labels, cols, options);
}
