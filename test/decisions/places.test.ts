import { describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../src/index.js';
import { openPool } from '../../src/pool/pool.js';
import { decisionsModule } from '../../src/wasm/decisions.js';
import { bytesOf } from '../../src/wasm/modules.js';
import * as inputs from '../inputs.js';
import { tiers } from '../tiers.js';

// The same decisions wherever the rows lie and whoever makes them.

/** Narrow rows, a tile of them, rows of several tiles, and one with a memory of its own. */
const SHAPES = [
  [50, 10],
  [40, 1000],
  [3, 9000],
  [1, inputs.LONG_ROW],
] as const;

type Decisions = Record<string, unknown>;

/** What every function makes of the rows, with the work in their options. */
function calls(logits: Float32Array, cols: number): Record<string, (target: Engine) => unknown> {
  const rows = logits.length / cols;
  const history = Array.from({ length: rows }, (_, r) =>
    Uint16Array.from({ length: r + 3 }, (__, i) => (i * 7 + r) % cols),
  );
  const stages = { topK: cols >> 1, topP: 0.9, temperature: 0.7, history, repetitionPenalty: 1.2 };
  const k = Math.min(cols, 7);
  return {
    argmax: (target) => target.argmax(logits, cols),
    topK: (target) => target.topK(logits, cols, k),
    'topK, logProbs': (target) => target.topK(logits, cols, k, { values: 'logProbs', temperature: 3 }),
    sample: (target) => target.sample(logits, cols, { ...stages, seed: 4, logProbsOf: 'raw' }),
    'sample, filtered': (target) => target.sample(logits, cols, { minP: 0.01, seed: 4, logProbsOf: 'filtered' }),
    filterLogits: (target) => target.filterLogits(logits, cols, stages),
  };
}

function allOf(target: Engine, logits: Float32Array, cols: number): Decisions {
  return Object.fromEntries(Object.entries(calls(logits, cols)).map(([name, call]) => [name, call(target)]));
}

const drawn = SHAPES.map(([rows, cols]) => ({ rows, cols, logits: inputs.normal(rows * cols, 0, 3, cols) }));

describe.each(tiers)('decisions in another place, $name', ({ name, engine: open }) => {
  const engine = open({ arenaBytes: 4 << 20 });
  it('runs on the tier it names', () => expect(engine.tier).toBe(name));

  it.each(drawn)('in the memory of the engine, $rows × $cols', ({ cols, logits }) => {
    const wanted = allOf(engine, logits, cols);
    const resident = engine.alloc(logits.length);
    resident.set(logits);
    expect(allOf(engine, resident, cols)).toEqual(wanted);
    expect(resident).toEqual(logits);
    engine.filterLogits(resident, cols, { topK: cols >> 1, out: resident });
    expect(resident).toEqual(engine.filterLogits(logits, cols, { topK: cols >> 1 }));
    engine.free(resident);
    const out = { tokens: new Int32Array(logits.length / cols), logProbs: new Float32Array(logits.length / cols) };
    expect(engine.sample(logits, cols, { seed: 4, ...out }).tokens).toBe(out.tokens);
    expect(out).toEqual(engine.sample(logits, cols, { seed: 4, logProbsOf: 'raw' }));
    expect(engine.sample(logits, cols, { seed: 4 }).logProbs).toBe(null);
  });

  it.each(drawn)('topK has the bits of softmax, $rows × $cols', ({ cols, logits }) => {
    const { values, indices } = engine.topK(logits, cols, 7);
    const probs = engine.softmax(logits, cols);
    values.forEach((p, i) => expect(p).toBe(probs[Math.floor(i / 7) * cols + indices[i]]));
  });

  it('row by row', () => {
    const { rows, cols, logits } = drawn[1]!;
    const { topK, filterLogits } = allOf(engine, logits, cols);
    for (let r = 0; r < rows; r += 7) {
      const row = logits.subarray(r * cols, (r + 1) * cols);
      const alone = engine.topK(row, cols, 7);
      const { values, indices } = topK as typeof alone;
      expect([...alone.values]).toEqual([...values.subarray(r * 7, r * 7 + 7)]);
      expect([...alone.indices]).toEqual([...indices.subarray(r * 7, r * 7 + 7)]);
      const history = Uint16Array.from({ length: r + 3 }, (_, i) => (i * 7 + r) % cols);
      const stages = { topK: cols >> 1, topP: 0.9, temperature: 0.7, history, repetitionPenalty: 1.2 };
      const part = (filterLogits as Float32Array).subarray(r * cols, (r + 1) * cols);
      expect(engine.filterLogits(row, cols, stages)).toEqual(Float32Array.from(part));
    }
  });

  it('on two threads, copied and shared', async () => {
    const pool = await openPool({ threads: 2, tier: name }, { shared: 0, copied: 0 });
    try {
      for (const { cols, logits } of drawn) {
        const wanted = allOf(engine, logits, cols);
        const shared = pool.alloc(logits.length);
        shared.set(logits);
        for (const place of [logits, shared]) {
          for (const [title, call] of Object.entries(calls(place, cols))) {
            expect(await (call(pool as unknown as Engine) as Promise<unknown>), title).toEqual(wanted[title]);
          }
        }
        pool.free(shared);
      }
    } finally {
      await pool.close();
    }
  });
});

// Without simd there are no modules to give.
const wasmTiers = tiers.filter(({ name }) => name === 'simd');

describe.each(wasmTiers)('modules that are given, $name', () => {
  const modules = () => [new WebAssembly.Module(bytesOf('simd')), decisionsModule()] as const;

  it('decide in TypeScript without the second, with the same results', () => {
    const [simd, decide] = modules();
    const engine = createEngine({ tier: 'simd' });
    const alone = createEngine({ module: simd });
    const both = createEngine({ module: [simd, decide] });
    for (const { cols, logits } of drawn) {
      const wanted = allOf(engine, logits, cols);
      expect(allOf(both, logits, cols)).toEqual(wanted);
      expect(allOf(alone, logits, cols)).toEqual(wanted);
    }
  });

  it('must be those of this package, in their order', () => {
    const [simd, decide] = modules();
    const other = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    expect(() => createEngine({ module: [simd, other] })).toThrow(/module\[1\] to be this package's decide.wasm/);
    expect(() => createEngine({ module: [decide, simd] })).toThrow(/expected module/);
    expect(() => createEngine({ module: decide })).toThrow(/to be one of this package's/);
    expect(() => createEngine({ module: [simd, decide, decide] as never })).toThrow(TypeError);
    expect(() => createEngine({ module: [] as never })).toThrow(TypeError);
  });
});
