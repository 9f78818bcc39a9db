/// <reference types="vite/client" />
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';
import { DefaultHost, openFirst } from '../../src/backend.js';
import { makeCreateEngine, type Wasm } from '../../src/engine.js';
import * as main from '../../src/index.js';
import { scalarRunner } from '../../src/scalar/runner.js';
import * as scalar from '../../src/scalar.js';
import { thrownBy } from '../argument.js';
import { DECISIONS, OPS } from '../ops.mjs';
import { lacks, tiers } from '../tiers.js';

const OPERATIONS = [...OPS.map(({ name }) => name), ...DECISIONS];

const X = Float32Array.of(1, 2, 3, 4);

/** A valid module with nothing in it. */
const EMPTY_MODULE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const emptyModule = () => new WebAssembly.Module(EMPTY_MODULE);

/** A loader whose tiers open or throw as told; it computes with the scalar runner. */
function fakeWasm(outcome: { relaxed?: Error; simd?: Error; module?: 'relaxed' | 'simd' }) {
  const opened: unknown[][] = [];
  const wasm: Wasm = {
    openWasm(tier, room, module) {
      const bytes = room?.bytes ?? 0;
      opened.push(module === undefined ? [tier, bytes] : [tier, bytes, module]);
      const error = outcome[tier];
      if (error !== undefined) throw error;
      room?.open(new ArrayBuffer(bytes), 0);
      return { ...scalarRunner, tier };
    },
    moduleTier: () => outcome.module ?? 'simd',
    checkDecisions: () => undefined,
  };
  return { wasm, opened };
}

describe('entries', () => {
  it('have the names of the contract and no others', () => {
    const names = [...OPERATIONS, 'backend', 'createEngine', 'init'].sort();
    expect(Object.keys(main).sort()).toEqual(names);
    expect(Object.keys(scalar).sort()).toEqual(names);
  });

  it('scalar reaches no wasm file by any import', () => {
    const sources = import.meta.glob<string>('../../src/**/*.ts', { query: '?raw', import: 'default', eager: true });
    const reached = new Set<string>();
    const visit = (path: string) => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const [, to] of sources[path]!.matchAll(/(?:from|import)\s*\(?'([^']+)'/g)) {
        if (!to!.startsWith('.')) {
          reached.add(to!);
          continue;
        }
        const url = new URL(to!.replace(/\.js$/, '.ts'), `file:///src/${path.slice('../../src/'.length)}`);
        visit(`../..${url.pathname}`);
      }
    };
    visit('../../src/scalar.ts');
    expect(reached.size).toBeGreaterThan(15);
    expect([...reached].filter((path) => /wasm/.test(path))).toEqual([]);
  });

  it('scalar says why it is scalar, and refuses wasm tiers and modules', () => {
    const reason = 'this entry has no wasm';
    expect(scalar.backend()).toEqual({ tier: 'scalar', reason });
    const engine = scalar.createEngine();
    expect([engine.tier, engine.reason]).toEqual(['scalar', reason]);
    expect(scalar.createEngine({ tier: 'scalar' }).reason).toBe(null);
    for (const tier of ['simd', 'relaxed'] as const) {
      const rule = `expected tier to be 'auto' or 'scalar', got '${tier}' (${reason})`;
      expect(thrownBy(() => scalar.createEngine({ tier }))).toBe(`Error: createEngine: ${rule}`);
      expect(thrownBy(() => scalar.init({ tier }))).toBe(`Error: init: ${rule}`);
    }
    const noModule = `expected no module, got one (${reason})`;
    expect(thrownBy(() => scalar.createEngine({ module: emptyModule() }))).toBe(`Error: createEngine: ${noModule}`);
    expect(thrownBy(() => scalar.init({ module: emptyModule() }))).toBe(`Error: init: ${noModule}`);
    expect(scalar.backend()).toEqual({ tier: 'scalar', reason });
    scalar.init({ tier: 'scalar' });
    expect(scalar.backend()).toEqual({ tier: 'scalar', reason: null });
  });
});

describe('the default engine', () => {
  afterEach(() => main.init());

  it('is opened on first use and computes as an engine of the same tier', () => {
    const { tier } = main.backend();
    expect([...main.softmax(X, 2)]).toEqual([...main.createEngine({ tier }).softmax(X, 2)]);
  });

  it('is replaced by init from the next call on', () => {
    for (const { name } of tiers) {
      main.init({ tier: name });
      expect(main.backend()).toEqual({ tier: name, reason: null });
      expect([...main.softmax(X, 2)]).toEqual([...main.createEngine({ tier: name }).softmax(X, 2)]);
    }
    main.init({ tier: 'auto' });
    const auto = main.createEngine();
    expect(main.backend()).toEqual({ tier: auto.tier, reason: auto.reason });
  });

  it('stays as it is when init throws', () => {
    main.init({ tier: 'scalar' });
    expect(() => main.init({ tier: 'fast' as 'simd' })).toThrow(RangeError);
    expect(() => main.init({ module: {} as WebAssembly.Module })).toThrow(TypeError);
    expect(main.backend()).toEqual({ tier: 'scalar', reason: null });
  });

  it('opens nothing before it is used, and then once', () => {
    const { wasm, opened } = fakeWasm({});
    const host = new DefaultHost(() => openFirst(wasm.openWasm));
    expect(opened).toEqual([]);
    expect(host.info()).toEqual({ tier: 'relaxed', reason: null });
    expect(host.info()).toEqual({ tier: 'relaxed', reason: null });
    expect(opened).toEqual([['relaxed', 0]]);
  });

  it('goes on to the next tier when memory is short', () => {
    const short = new RangeError('no memory');
    const { wasm } = fakeWasm({ relaxed: short, simd: short });
    const host = new DefaultHost(() => openFirst(wasm.openWasm));
    expect(host.info()).toEqual({ tier: 'scalar', reason: 'relaxed: no memory; simd: no memory' });
  });
});

describe('createEngine', () => {
  const noRelaxed = new Error('no fma');
  const noSimd = new Error('no v128');

  it('auto takes the first tier that compiles and says why no faster one', () => {
    const cases = [
      [{}, 'relaxed', null],
      [{ relaxed: noRelaxed }, 'simd', 'relaxed: no fma'],
      [{ relaxed: noRelaxed, simd: noSimd }, 'scalar', 'relaxed: no fma; simd: no v128'],
    ] as const;
    for (const [outcome, tier, reason] of cases) {
      const { wasm, opened } = fakeWasm(outcome);
      const engine = makeCreateEngine(wasm)({ arenaBytes: 64 });
      expect([engine.tier, engine.reason]).toEqual([tier, reason]);
      expect(opened).toEqual(['relaxed', 'simd'].slice(0, Object.keys(outcome).length + 1).map((name) => [name, 64]));
      expect(engine.alloc(16)).toHaveLength(16);
      expect(() => engine.alloc(1)).toThrow(RangeError);
    }
  });

  it('a tier that was asked for has no reason, and throws where the runtime lacks it', () => {
    const { wasm, opened } = fakeWasm({ relaxed: noRelaxed });
    const createEngine = makeCreateEngine(wasm);
    expect(createEngine({ tier: 'simd' }).reason).toBe(null);
    expect(createEngine({ tier: 'scalar' }).reason).toBe(null);
    expect(opened).toEqual([['simd', 0]]);
    expect(() => createEngine({ tier: 'relaxed' })).toThrow(
      new Error("createEngine: expected tier to be one that this runtime compiles, got 'relaxed' (no fma)", {
        cause: noRelaxed,
      }),
    );
    expect(thrownBy(() => createEngine({ tier: 'relaxed' }))).toMatch(/^Error: /);
  });

  it('a lack of memory reaches who asked for a tier; auto takes the next', () => {
    const short = new RangeError('createEngine: expected memory of 9 bytes, got none');
    const only = { relaxed: short };
    expect(() => makeCreateEngine(fakeWasm(only).wasm)({ tier: 'relaxed' })).toThrow(short);
    const { tier, reason } = makeCreateEngine(fakeWasm(only).wasm)();
    expect([tier, reason]).toEqual(['simd', `relaxed: ${short.message}`]);
    const scalar = makeCreateEngine(fakeWasm({ relaxed: noRelaxed, simd: short }).wasm)();
    expect([scalar.tier, scalar.reason]).toEqual(['scalar', `relaxed: no fma; simd: ${short.message}`]);
  });

  it('a module gives its own tier, or throws on another', () => {
    const module = emptyModule();
    const { wasm, opened } = fakeWasm({ module: 'simd', relaxed: noRelaxed });
    const createEngine = makeCreateEngine(wasm);
    const engine = createEngine({ module });
    expect([engine.tier, engine.reason]).toEqual(['simd', null]);
    expect(createEngine({ module, tier: 'simd', arenaBytes: 16 }).tier).toBe('simd');
    expect(opened).toEqual([
      ['simd', 0, module],
      ['simd', 16, module],
    ]);
    expect(thrownBy(() => createEngine({ module, tier: 'relaxed' }))).toBe(
      "Error: createEngine: expected module to be of tier 'relaxed', got one of tier 'simd'",
    );
    expect(thrownBy(() => createEngine({ module, tier: 'scalar' }))).toBe(
      "Error: createEngine: expected no module with tier 'scalar', got one",
    );
  });

  it('checks its options in their order', () => {
    const { createEngine } = main;
    const cases: [unknown, string, string][] = [
      [null, 'TypeError', 'options to be an object, got null'],
      [{ tier: 'fast', arenaBytes: -1 }, 'RangeError', "tier to be 'auto', 'relaxed', 'simd' or 'scalar', got 'fast'"],
      [{ tier: 1 }, 'TypeError', "tier to be 'auto', 'relaxed', 'simd' or 'scalar', got 1"],
      [{ arenaBytes: -1, module: 0 }, 'RangeError', 'arenaBytes to be an integer >= 0, got -1'],
      [{ arenaBytes: 0.5 }, 'RangeError', 'arenaBytes to be an integer >= 0, got 0.5'],
      [{ arenaBytes: Infinity }, 'RangeError', 'arenaBytes to be an integer >= 0, got Infinity'],
      [{ arenaBytes: '64' }, 'TypeError', "arenaBytes to be an integer >= 0, got '64'"],
      [{ module: EMPTY_MODULE }, 'TypeError', 'module to be a WebAssembly.Module, got Uint8Array'],
      [{ module: null }, 'TypeError', 'module to be a WebAssembly.Module, got null'],
    ];
    for (const [options, kind, says] of cases) {
      expect(thrownBy(() => createEngine(options as object))).toBe(`${kind}: createEngine: expected ${says}`);
    }
    expect(thrownBy(() => main.init({ module: 0, tier: 1 } as object))).toBe(
      'TypeError: init: expected module to be a WebAssembly.Module, got 0',
    );
  });

  it("say which function was given another package's module", () => {
    const module = emptyModule();
    for (const [op, call] of [
      ['init', main.init],
      ['createEngine', main.createEngine],
    ] as const) {
      expect(thrownBy(() => call({ module }))).toBe(
        `Error: ${op}: expected module to be one of this package's, got another`,
      );
    }
  });
});

for (const tier of tiers) {
  describe(`engine on ${tier.name}`, () => {
    const engine = tier.engine();

    it('runs on the tier it names, with no reason', () => {
      expect(engine.tier).toBe(tier.name);
      expect(engine.reason).toBe(null);
    });

    it('has every function, without this', () => {
      for (const name of OPERATIONS) expect(engine).toHaveProperty(name);
      const { softmax, alloc, free } = tier.engine({ arenaBytes: 64 });
      const x = alloc(4);
      expect([...softmax(x, 2)]).toEqual([0.5, 0.5, 0.5, 0.5]);
      free(x);
    });

    it('returns out itself, and keeps its type', () => {
      const Shared = lacks.includes('SharedArrayBuffer') ? ArrayBuffer : SharedArrayBuffer;
      const shared = new Float32Array(new Shared(16) as SharedArrayBuffer);
      const y = engine.softmax(X, 2, { out: shared });
      expect(y).toBe(shared);
      expectTypeOf(y).toEqualTypeOf<Float32Array<SharedArrayBuffer>>();
      expectTypeOf(engine.softmax(X, 2)).toEqualTypeOf<Float32Array<ArrayBuffer>>();
      expectTypeOf(engine.softmax(X, 2, { temperature: 2 })).toEqualTypeOf<Float32Array<ArrayBuffer>>();

      const out = new Float32Array(4);
      const jvpOut = new Float32Array(4);
      const pair = engine.softmaxWithJvp(X, X, 2, { out, jvpOut });
      expect(pair.probs).toBe(out);
      expect(pair.jvp).toBe(jvpOut);

      const targets = Int32Array.of(0, 1);
      const losses = new Float32Array(2);
      const both = engine.crossEntropyWithGrad(X, targets, 2, { out: shared, losses, reduction: 'none' });
      expect(both.dlogits).toBe(shared);
      expect(both.loss).toBe(losses);
      expectTypeOf(both.loss).toEqualTypeOf<Float32Array<ArrayBuffer>>();
      expectTypeOf(both.dlogits).toEqualTypeOf<Float32Array<SharedArrayBuffer>>();
      expectTypeOf(engine.crossEntropy(X, targets, 2)).toEqualTypeOf<number>();
      expectTypeOf(engine.crossEntropy(X, targets, 2, { reduction: 'sum' })).toEqualTypeOf<number>();
      expectTypeOf(engine.crossEntropy(X, targets, 2, { reduction: 'none' })).toEqualTypeOf<
        Float32Array<ArrayBuffer>
      >();
    });

    it('reduces as the contract says', () => {
      const targets = Int32Array.of(1, 0);
      const rows = engine.crossEntropy(X, targets, 2, { reduction: 'none' });
      const sum = rows[0]! + rows[1]!;
      expect(engine.crossEntropy(X, targets, 2, { reduction: 'sum' })).toBe(sum);
      expect(engine.crossEntropy(X, targets, 2)).toBe(sum / 2);
      expect(engine.crossEntropy(X, targets, 2, { ignoreIndex: 0 })).toBe(rows[0]);
      const classWeights = Float32Array.of(2, 0.5);
      const weighted = engine.crossEntropy(X, targets, 2, { reduction: 'none', classWeights });
      expect(engine.crossEntropy(X, targets, 2, { classWeights })).toBe((weighted[0]! + weighted[1]!) / 2.5);
      const soft = Float32Array.of(0, 1, 1, 0);
      const softRows = engine.crossEntropy(X, soft, 2, { reduction: 'none', classWeights });
      expect(engine.crossEntropy(X, soft, 2, { classWeights })).toBe((softRows[0]! + softRows[1]!) / 2);
    });

    it('gives 0 and a NaN mean when nothing is kept, the lse apart', () => {
      const zLoss = 0.1;
      for (const options of [
        { ignoreIndex: 1, targets: Int32Array.of(1, 1), lseKept: false },
        { classWeights: Float32Array.of(1, 0), targets: Int32Array.of(1, 1), lseKept: true },
      ]) {
        const { targets, lseKept, ...rest } = options;
        const fill = () => new Float32Array(2).fill(9);
        const [losses, lse] = [fill(), fill()];
        const x = X.slice();
        const mean = engine.crossEntropyWithGrad(x, targets, 2, { ...rest, zLoss, losses, lse, out: x });
        expect(mean.loss).toBe(NaN);
        expect([...mean.dlogits]).toEqual([0, 0, 0, 0]);
        expect([...losses]).toEqual([0, 0]);
        expect([...lse]).toEqual(lseKept ? [...engine.logSumExp(X, 2)] : [0, 0]);
        expect(engine.crossEntropy(X, targets, 2, { ...rest, zLoss, reduction: 'sum' })).toBe(0);
        expect([...engine.crossEntropy(X, targets, 2, { ...rest, zLoss, reduction: 'none' })]).toEqual([0, 0]);
      }
    });

    it('takes 0 rows', () => {
      const none = new Float32Array(0);
      for (const targets of [new Int32Array(0), none.slice()]) {
        expect(engine.crossEntropy(none, targets, 3)).toBe(NaN);
        expect(engine.crossEntropy(none, targets, 3, { reduction: 'sum' })).toBe(0);
        expect(engine.crossEntropyGrad(none, targets, 3)).toHaveLength(0);
      }
      expect(engine.softmax(none, 3)).toHaveLength(0);
      expect(engine.logSumExp(none, 3)).toHaveLength(0);
      expect(engine.softmaxJacobian(none, 3)).toHaveLength(0);
    });
  });
}
