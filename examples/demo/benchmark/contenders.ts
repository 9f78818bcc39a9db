import { backend, createEngine, type Engine, type Tier } from 'softmax-simd';
import { plain } from './plain.js';
import type { Request } from './messages.js';
import { type Input, type Op, SAMPLING } from './shapes.js';

export interface Contender {
  name: string;
  /** The most ULP that it may be off, or null where nothing is promised. */
  promise: number | null;
  /** Arrays of its own for one input. */
  prepare(input: Input): Prepared;
}

export interface Prepared {
  run(): void;
  /** What `run` writes: f32[rows, cols], or the tokens of rows. */
  out: Float32Array | Int32Array;
  release(): void;
}

/** What people write, by the operation. */
const PLAIN: Record<Op, string> = {
  softmax: 'Math.exp loop',
  crossEntropyWithGrad: 'Math.exp loop',
  sample: 'object sort',
};
const TIERS: readonly Tier[] = ['relaxed', 'simd', 'scalar'];

/** softmax and dlogits of class indices, by this library; tokens are the same ones. */
const PROMISE: Record<Op, number> = { softmax: 6, crossEntropyWithGrad: 6, sample: 0 };

export function isPlain(name: string): boolean {
  return Object.values(PLAIN).includes(name);
}

/** What this browser can run of what is asked for, and why it cannot run the rest. */
export function contenders({ op, engines, shapes }: Request): {
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
      if (engines === 'all' && here.length === 0 && tier !== 'scalar') here.push(inMemory(engine, op));
      here.push(onArrays(engine, op));
    } catch (error) {
      missing.push({ name: tier, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  here.push({
    name: PLAIN[op],
    promise: null,
    prepare(input) {
      const out = new Float32Array(op === 'sample' ? input.rows : input.logits.length);
      return { run: () => plain[op](input, out), out, release: () => undefined };
    },
  });
  return { here, missing };
}

function onArrays(engine: Engine, op: Op): Contender {
  return {
    name: engine.tier,
    promise: PROMISE[op],
    prepare(input) {
      const out = outOf(op, input);
      return { run: call(engine, op, input, out), out, release: () => undefined };
    },
  };
}

function inMemory(engine: Engine, op: Op): Contender {
  return {
    name: `${engine.tier}, alloc`,
    promise: PROMISE[op],
    prepare(input) {
      const logits = engine.alloc(input.logits.length);
      const labels = engine.allocInt32(input.labels.length);
      const out = op === 'sample' ? engine.allocInt32(input.rows) : engine.alloc(input.logits.length);
      logits.set(input.logits);
      labels.set(input.labels);
      const release = () => [logits, labels, out].forEach((array) => engine.free(array));
      return { run: call(engine, op, { ...input, logits, labels }, out), out, release };
    },
  };
}

function outOf(op: Op, { rows, logits }: Input): Float32Array | Int32Array {
  return op === 'sample' ? new Int32Array(rows) : new Float32Array(logits.length);
}

function call(engine: Engine, op: Op, input: Input, out: Float32Array | Int32Array): () => void {
  const { logits, labels, uniforms, cols } = input;
  if (out instanceof Int32Array) {
    const options = { ...SAMPLING, uniforms, tokens: out };
    return () => engine.sample(logits, cols, options);
  }
  if (op === 'softmax') {
    const options = { out };
    return () => engine.softmax(logits, cols, options);
  }
  const options = { out, reduction: 'sum' } as const;
  return () => engine.crossEntropyWithGrad(logits, labels, cols, options);
}
