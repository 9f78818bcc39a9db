import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/index.js';
import { decisionsModule } from '../../src/wasm/decisions.js';
import { bytesOf } from '../../src/wasm/modules.js';
import { tiers } from '../tiers.js';
import { allOf, drawn, expectEqual } from './places.js';

// The same decisions wherever the rows lie and whoever makes them.

describe.each(tiers)('decisions in another place, $name', ({ name, engine: open }) => {
  const engine = open({ arenaBytes: 4 << 20 });
  it('runs on the tier it names', () => expect(engine.tier).toBe(name));

  it.each(drawn)('in the memory of the engine, $rows × $cols', ({ cols, logits }) => {
    const wanted = allOf(engine, logits, cols);
    const resident = engine.alloc(logits.length);
    resident.set(logits);
    expectEqual(allOf(engine, resident, cols), wanted);
    expectEqual(resident, logits);
    engine.filterLogits(resident, cols, { topK: cols >> 1, out: resident });
    expectEqual(resident, engine.filterLogits(logits, cols, { topK: cols >> 1 }));
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
      expectEqual(allOf(both, logits, cols), wanted);
      expectEqual(allOf(alone, logits, cols), wanted);
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
