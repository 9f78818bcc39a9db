import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPool, type Pool } from '../src/pool/index.js';
import { AREA_BYTES, Direct } from '../src/wasm/direct.js';
import type { Kernels } from '../src/wasm/kernels.js';
import { compileShared } from '../src/wasm/load.js';
import { textOf } from './argument.js';
import * as inputs from './inputs.js';
import { bitsOf, callOf, CROSS_ENTROPY, openThreads, type PoolCase, poolCases, sharedCase } from './pool-cases.js';
import { tiers } from './tiers.js';

// The pool against the synchronous calls: every operation, the same bits, however many threads and by whatever way.

/** Both sides of the narrow kernels, of a tile, of a slot; rows enough for many chunks, and fewer than threads. */
const SHAPES: [rows: number, cols: number][] = [
  [1, 1],
  [50_001, 1],
  [2, 3],
  [20_003, 3],
  [5000, 8],
  [3001, 17],
  [999, 64],
  [1001, 65],
  [67, 1000],
  [5, 8193],
  [3, inputs.STREAMED],
];

const WAYS = [
  ...[1, 2, 3, 8].map((threads) => ({ way: `${threads} threads`, threads, isolated: true, workerUrl: undefined })),
  { way: '3 threads by message', threads: 3, isolated: false, workerUrl: undefined },
  { way: 'the calling thread', threads: 1, isolated: true, workerUrl: 'file:///nothing/worker.js' },
];

describe.each(tiers)('pool, $name', (tier) => {
  const engine = tier.engine();
  // Computed once for all ways.
  const wanted = new Map<PoolCase, Buffer>();
  const cases = SHAPES.map(([rows, cols]) => ({ rows, cols, list: poolCases(rows, cols) }));
  beforeAll(() => {
    for (const { list } of cases) for (const of of list) wanted.set(of, bitsOf(callOf(engine, of)));
  });

  describe.each(WAYS)('$way', ({ threads, isolated, workerUrl }) => {
    let pool: Pool;
    beforeAll(async () => {
      // What a page says of itself when its memory cannot be shared with workers.
      vi.stubGlobal('crossOriginIsolated', isolated);
      pool = await openThreads({ threads, tier: tier.name, workerUrl });
      vi.unstubAllGlobals();
    });
    afterAll(() => pool.close());

    it('is what it says it is', () => {
      expect([engine.tier, pool.tier, pool.threads]).toEqual([tier.name, tier.name, threads]);
      if (workerUrl) expect(pool.reason).toMatch(/^threads: .*worker\.js/);
      else if (!isolated) expect(pool.reason).toMatch(/^threads: rows travel by message: .*not cross-origin isolated$/);
      else expect(pool.reason).toBeNull();
    });

    it.each(cases)('has the bits of the synchronous calls, $rows × $cols', async ({ list }) => {
      for (const of of list) {
        const title = `${of.op} ${JSON.stringify(Object.keys(of.options))}`;
        expect(bitsOf(await callOf(pool, of)).equals(wanted.get(of)!), title).toBe(true);
        const { shared, free } = sharedCase(pool, of);
        expect(bitsOf(await callOf(pool, shared)).equals(wanted.get(of)!), `${title}, alloc`).toBe(true);
        // The matrix lies in shared memory, what has one element a row does not, and the other way round.
        const mixed = { ...of, arrays: [shared.arrays[0]!, ...of.arrays.slice(1)] };
        expect(bitsOf(await callOf(pool, mixed)).equals(wanted.get(of)!), `${title}, mixed`).toBe(true);
        const other = { ...of, arrays: [of.arrays[0]!, ...shared.arrays.slice(1)] };
        expect(bitsOf(await callOf(pool, other)).equals(wanted.get(of)!), `${title}, mixed the other way`).toBe(true);
        free();
      }
    });

    it('writes every output that is given, in place too, and returns it', async () => {
      for (const [rows, cols] of [
        [40, 3],
        [700, 65],
      ] as const) {
        for (const of of poolCases(rows, cols)) {
          for (const kind of ['ordinary', 'alloc']) {
            const { shared, free } = sharedCase(pool, of);
            const own = { ...of, arrays: of.arrays.map((array) => array.slice()) };
            const call = kind === 'alloc' ? shared : own;
            const make = (length: number) => (kind === 'alloc' ? pool.alloc(length) : new Float32Array(length));
            const inPlace = of.op !== 'logSumExp';
            const more: Record<string, Float32Array> = inPlace
              ? { out: call.arrays[0] as Float32Array }
              : { out: make(rows) };
            if (of.op === 'softmaxWithJvp') more.jvpOut = call.arrays[1] as Float32Array;
            const reference = sharedCase(pool, of);
            const wantedMore: Record<string, Float32Array> = { out: new Float32Array(more.out!.length) };
            if (CROSS_ENTROPY.includes(of.op)) {
              for (const name of ['losses', 'lse']) {
                more[name] = make(rows);
                wantedMore[name] = new Float32Array(rows);
              }
            }
            const want = callOf(engine, of, wantedMore);
            const got = await callOf(pool, call, more);
            expect(bitsOf(got).equals(bitsOf(want)), of.op).toBe(true);
            for (const [name, array] of Object.entries(wantedMore)) {
              if (of.op === 'crossEntropy' && name === 'out') continue;
              expect(bitsOf(more[name]).equals(bitsOf(array)), `${of.op}, ${name}`).toBe(true);
            }
            if (ArrayBuffer.isView(want) && of.op !== 'crossEntropy') expect(got).toBe(more.out);
            if (of.op === 'crossEntropyWithGrad') expect((got as { dlogits: unknown }).dlogits).toBe(more.out);
            if (of.op === 'softmaxWithJvp') expect(got).toEqual({ probs: more.out, jvp: more.jvpOut });
            reference.free();
            if (kind === 'alloc') for (const name of ['losses', 'lse']) if (more[name]) pool.free(more[name]);
            if (kind === 'alloc' && !inPlace) pool.free(more.out!);
            free();
          }
        }
      }
    });

    it('has the same edges', async () => {
      const cols = 5;
      const rows = 400;
      const logits = inputs.normal(rows * cols, 0, 3, 1);
      for (let r = 0; r < rows; r += 3) {
        const edge = [NaN, Infinity, -Infinity, 3.4e38, -0][(r / 3) % 5]!;
        if (r % 2) logits.fill(edge, r * cols, (r + 1) * cols);
        else logits[r * cols + (r % cols)] = edge;
      }
      const labels = Int32Array.from({ length: rows }, (_, r) => (r % 4 ? r % cols : -100));
      const none = new Int32Array(rows).fill(-100);
      const nothing = new Float32Array(cols);
      const lists = [poolCases(rows, cols).map((of) => ({ ...of, arrays: [logits, ...of.arrays.slice(1)] }))];
      lists.push(
        ...CROSS_ENTROPY.map((op) =>
          ['mean', 'sum', 'none'].flatMap((reduction): PoolCase[] => [
            { op, arrays: [logits, labels], cols, options: { reduction } },
            { op, arrays: [logits, none], cols, options: { reduction, lse: new Float32Array(rows) } },
            { op, arrays: [logits, labels], cols, options: { reduction, classWeights: nothing } },
            { op, arrays: [new Float32Array(0), new Int32Array(0)], cols, options: { reduction } },
          ]),
        ),
        CROSS_ENTROPY.flatMap((op): PoolCase[] => [
          { op, arrays: [logits, none], cols, options: { divisor: -3, lse: new Float32Array(rows) } },
          { op, arrays: [logits, labels], cols, options: { divisor: 3, classWeights: nothing } },
        ]),
      );
      for (const of of lists.flat()) {
        const out = { out: logits.slice() };
        const want = bitsOf(
          callOf(engine, { ...of, arrays: [out.out.subarray(0, of.arrays[0]!.length), ...of.arrays.slice(1)] }),
        );
        const got = bitsOf(await callOf(pool, of));
        expect(got.equals(want), `${of.op} ${JSON.stringify(of.options)}`).toBe(true);
      }
    });
  });
});

describe.each(tiers.filter(({ name }) => name !== 'scalar'))('a thread of $name', ({ name }) => {
  it('writes nothing beyond its area but its outputs', async () => {
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
    const { exports } = await WebAssembly.instantiate(await compileShared(name as 'simd'), { env: { memory } });
    const area = 4096;
    const [x, y, u, v, losses, lse, labels] = [0, 1, 2, 3, 4, 5, 6].map((i) => 65536 + 16384 * i) as Tuple7;
    const bytes = new Uint8Array(memory.buffer);
    bytes.fill(0xa5);
    const direct = new Direct(exports as unknown as Kernels, memory, area);
    for (const [rows, cols] of [
      [7, 3],
      [9, 64],
      [3, 100],
    ] as const) {
      new Int32Array(memory.buffer, labels, rows).fill(1);
      for (const at of [x, u]) new Float32Array(memory.buffer, at, rows * cols).fill(0.5);
      const scalars = [0.7, -100, 0.1, 0.01, 1, 1];
      for (const op of ['softmax', 'logSoftmax', 'logSumExp'] as const)
        direct.run(op, [x, y, 0, 0], rows, cols, scalars);
      for (const op of ['softmaxJvp', 'logSoftmaxJvp', 'logSoftmaxVjp'] as const) {
        direct.run(op, [x, u, y, 0], rows, cols, []);
      }
      direct.run('softmaxWithJvp', [x, u, y, v], rows, cols, scalars);
      direct.run('crossEntropyProbs', [x, u, 0, y, losses, lse], rows, cols, scalars);
      direct.run('crossEntropyLabels', [x, labels, 0, y, losses, lse], rows, cols, scalars);
    }
    const touched = (from: number, to: number) => bytes.slice(from, to).some((byte) => byte !== 0xa5);
    expect([touched(0, area), touched(area, area + AREA_BYTES)]).toEqual([false, true]);
    expect(touched(area + AREA_BYTES, 65536)).toBe(false);
  });
});
type Tuple7 = [number, number, number, number, number, number, number];

describe('createPool', () => {
  it('takes as many threads as the machine has, on the first tier that compiles', async () => {
    const pool = await createPool();
    const { availableParallelism } = await import('node:os');
    expect(pool.threads).toBe(availableParallelism());
    expect(['relaxed', 'simd']).toContain(pool.tier);
    expect(pool.reason === null || pool.reason.startsWith('relaxed: ')).toBe(true);
    await pool.close();
  });

  it.each([
    [{ threads: 0 }, 'RangeError: createPool: expected threads to be an integer in [1, 1024], got 0'],
    [{ threads: 1.5 }, 'RangeError: createPool: expected threads to be an integer in [1, 1024], got 1.5'],
    [{ threads: '2' }, "TypeError: createPool: expected threads to be an integer in [1, 1024], got '2'"],
    [{ tier: 'fast' }, "RangeError: createPool: expected tier to be 'auto', 'relaxed', 'simd' or 'scalar', got 'fast'"],
    [{ workerUrl: 5 }, 'TypeError: createPool: expected workerUrl to be a string or a URL, got 5'],
    [null, 'TypeError: createPool: expected options to be an object, got null'],
  ])('refuses %j', async (options, message) => {
    await expect(createPool(options as object).catch(textOf)).resolves.toBe(message);
  });

  it.each(tiers)('has the same bits for small calls, on arrays of any kind, $name', async (tier) => {
    const engine = tier.engine();
    const pool = await createPool({ threads: 2, tier: tier.name });
    for (const [rows, cols] of [
      [1, 1],
      [40, 3],
      [0, 5],
      [30, 65],
      [1, 9001],
    ] as const) {
      for (const of of poolCases(rows, cols)) {
        const want = bitsOf(callOf(engine, of));
        const { shared, free } = sharedCase(pool, of);
        const out = pool.alloc(of.op === 'logSumExp' ? rows : rows * cols);
        expect(bitsOf(await callOf(pool, of)).equals(want), of.op).toBe(true);
        expect(bitsOf(await callOf(pool, shared)).equals(want), `${of.op}, alloc`).toBe(true);
        expect(bitsOf(await callOf(pool, shared, { out })).equals(want), `${of.op}, alloc with out`).toBe(true);
        free();
        pool.free(out);
      }
    }
    await pool.close();
  });

  it('computes small calls at once, without the threads', async () => {
    const pool = await createPool({ threads: 1 });
    const out = new Float32Array(3);
    const promise = pool.softmax(Float32Array.of(0, 0, 0), 3, { out });
    expect(out[0]).toBeCloseTo(1 / 3);
    expect(await promise).toBe(out);
    await pool.close();
  });

  it('works from a copy of the worker at a URL', async () => {
    const workerUrl = new URL('../dist/pool/worker.js', import.meta.url);
    const pool = await openThreads({ threads: 2, workerUrl });
    expect([pool.threads, (await pool.softmax(new Float32Array(4), 2))[3]]).toEqual([2, 0.5]);
    await pool.close();
  });

  it('is disposed of by `await using`, where the runtime knows it', async () => {
    const { asyncDispose } = Symbol as { asyncDispose?: symbol };
    const pool = await createPool({ threads: 1 });
    if (asyncDispose === undefined) return pool.close();
    await (pool as unknown as Record<symbol, () => Promise<void>>)[asyncDispose]!();
    await expect(pool.softmax(new Float32Array(2), 2)).rejects.toThrow('expected the pool to be open');
  });
});
