import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createEngine } from '../../src/index.js';
import { createPool, type Pool } from '../../src/pool/index.js';
import { compileShared } from '../../src/pool/shared-module.js';
import { Call as OperationCall } from '../../src/operation.js';
import { OPERATIONS } from '../../src/ops/operations.js';
import { Area, AREA_BYTES } from '../../src/wasm/area.js';
import type { Kernels } from '../../src/wasm/kernels.js';
import { bytesOf } from '../../src/wasm/load.js';
import { textOf } from '../argument.js';
import * as inputs from '../inputs.js';
import { type Call, callOn, lengthOf, newOutput, takesTargets } from '../calls.js';
import { bitsOf, openThreads, POOL_OPS, poolCalls, sharedCall } from './pool-calls.js';
import { tiers } from '../tiers.js';

type Outputs = Record<string, Float32Array>;

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
  [3, inputs.LONG_ROW],
];

const WAYS = [
  ...[1, 2, 3, 8].map((threads) => ({ way: `${threads} threads`, threads, isolated: true, workerUrl: undefined })),
  { way: '3 threads by message', threads: 3, isolated: false, workerUrl: undefined },
  { way: 'the calling thread', threads: 1, isolated: true, workerUrl: 'file:///nothing/worker.js' },
];

describe.each(tiers)('pool, $name', (tier) => {
  const engine = tier.engine();
  // Computed once for all ways.
  const wanted = new Map<Call, Buffer>();
  const cases = SHAPES.map(([rows, cols]) => ({ rows, cols, list: poolCalls(rows, cols) }));
  beforeAll(() => {
    for (const { list } of cases) for (const of of list) wanted.set(of, bitsOf(callOn(engine, of)));
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
        const title = `${of.title} ${JSON.stringify(of.options.reduction)}`;
        expect(bitsOf(await callOn(pool, of)).equals(wanted.get(of)!), title).toBe(true);
        const { shared, free } = sharedCall(pool, of);
        expect(bitsOf(await callOn(pool, shared)).equals(wanted.get(of)!), `${title}, alloc`).toBe(true);
        // The matrix lies in shared memory, what has one element a row does not, and the other way round.
        const mixed = { ...of, arrays: [shared.arrays[0]!, ...of.arrays.slice(1)] };
        expect(bitsOf(await callOn(pool, mixed)).equals(wanted.get(of)!), `${title}, mixed`).toBe(true);
        const other = { ...of, arrays: [of.arrays[0]!, ...shared.arrays.slice(1)] };
        expect(bitsOf(await callOn(pool, other)).equals(wanted.get(of)!), `${title}, mixed the other way`).toBe(true);
        free();
      }
    });

    it('writes every output that is given, in place too, and returns it', async () => {
      for (const [rows, cols] of [
        [40, 3],
        [700, 65],
      ] as const) {
        for (const of of poolCalls(rows, cols)) {
          for (const kind of ['ordinary', 'alloc']) {
            const { shared, free } = sharedCall(pool, of);
            const call = kind === 'alloc' ? shared : { ...of, arrays: of.arrays.map((array) => array.slice()) };
            const make = (length: number) => (kind === 'alloc' ? pool.alloc(length) : new Float32Array(length));
            const { inputs, outputs } = of.op;
            const wanted = Object.fromEntries(
              outputs.map((output) => [output.name, newOutput(output, rows, cols)]),
            ) as Outputs;
            const given: Outputs = {};
            const made: Float32Array[] = [];
            for (const { name, over, width } of outputs) {
              const array = width === 'cols' ? call.arrays[inputs.findIndex((input) => input.name === over)] : null;
              given[name] = (array ?? make(wanted[name].length)) as Float32Array;
              if (!array) made.push(given[name]);
            }
            const want = callOn(engine, of, wanted) as unknown;
            const got = (await callOn(pool, call, given)) as unknown;
            expect(bitsOf(got).equals(bitsOf(want)), of.title).toBe(true);
            for (const [name, array] of Object.entries(wanted)) {
              expect(bitsOf(given[name]).equals(bitsOf(array)), `${of.title}, ${name}`).toBe(true);
            }
            for (const { name, result, side } of outputs) {
              const one = result === undefined || ArrayBuffer.isView(got) ? got : (got as Outputs)[result];
              if (!side) expect(one).toBe(given[name]);
            }
            if (kind === 'alloc') made.forEach((array) => pool.free(array));
            free();
          }
        }
      }
    });

    it.each([5e-324, 1e-320])(
      'decides as the engine whether every class has a target, labelSmoothing %d',
      async (eps) => {
        const [rows, cols] = [3, 300_000];
        const logits = inputs.normal(rows * cols, 0, 4, 1);
        const labels = inputs.classIndices(rows, cols, 2);
        const options = { labelSmoothing: eps };
        const want = bitsOf(engine.crossEntropyGrad(logits, labels, cols, options));
        expect(bitsOf(await pool.crossEntropyGrad(logits, labels, cols, options)).equals(want)).toBe(true);
      },
    );

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
      const lists = [poolCalls(rows, cols).map((of) => ({ ...of, arrays: [logits, ...of.arrays.slice(1)] }))];
      lists.push(
        ...POOL_OPS.filter(takesTargets).map((op) =>
          ['mean', 'sum', 'none'].flatMap((reduction): Call[] => {
            const make = (arrays: Call['arrays'], options = {}) => {
              return { op, title: op.name, arrays, cols, options: { reduction, ...options } };
            };
            return [
              make([logits, labels]),
              make([logits, none], { lse: new Float32Array(rows) }),
              make([logits, labels], { classWeights: nothing }),
              make([new Float32Array(0), new Int32Array(0)]),
            ];
          }),
        ),
      );
      for (const of of lists.flat()) {
        const out = { out: logits.slice() };
        const want = bitsOf(
          callOn(engine, { ...of, arrays: [out.out.subarray(0, of.arrays[0]!.length), ...of.arrays.slice(1)] }),
        );
        const got = bitsOf(await callOn(pool, of));
        expect(got.equals(want), `${of.title} ${JSON.stringify(of.options)}`).toBe(true);
      }
    });
  });
});

describe.each(tiers.filter(({ name }) => name !== 'scalar'))('a thread of $name', ({ name }) => {
  it('writes nothing beyond its area but its outputs', async () => {
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
    const { exports } = await WebAssembly.instantiate(await compileShared(bytesOf(name as 'simd')), {
      env: { memory },
    });
    const area = 4096;
    const [x, y, u, v, losses, lse, labels] = [0, 1, 2, 3, 4, 5, 6].map((i) => 65536 + 16384 * i) as Tuple7;
    const bytes = new Uint8Array(memory.buffer);
    bytes.fill(0xa5);
    const own = new Area(exports as unknown as Kernels, memory, area);
    // Inputs in x, u and labels; outputs in the others.
    const places: Record<string, number> = { targets: labels, out: y, jvpOut: v, losses, lse };
    for (const [rows, cols] of [
      [7, 3],
      [9, 64],
      [3, 100],
    ] as const) {
      new Int32Array(memory.buffer, labels, rows).fill(1);
      for (const at of [x, u]) new Float32Array(memory.buffer, at, rows * cols).fill(0.5);
      for (const operation of OPERATIONS.filter(({ kernel }) => kernel !== 'softmaxJacobian')) {
        const call = new OperationCall(operation);
        Object.assign(call, { rows, cols, temperature: 0.7 });
        call.parameters.push(1, 1, 0.9, 0.1 / cols, 0.01, -100, 1);
        own.begin(call);
        const at = operation.operands.map(({ name, width }, i) => {
          if (name === 'classWeights' || (name === 'targets' && width === 'row')) return 0;
          return places[name] ?? (i === 0 ? x : u);
        });
        own.run(at, rows, 0);
      }
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
    expect(pool.reason).toBeNull();
    if (pool.tier === 'relaxed') expect(pool.tierReason).toBeNull();
    else expect(pool.tierReason).toMatch(/^relaxed: [^;]+$/);
    await pool.close();
  });

  it.each([
    [{ threads: 0 }, 'RangeError: createPool: expected threads to be an integer in [1, 1024], got 0'],
    [{ threads: 1.5 }, 'RangeError: createPool: expected threads to be an integer in [1, 1024], got 1.5'],
    [{ threads: '2' }, "TypeError: createPool: expected threads to be an integer in [1, 1024], got '2'"],
    [{ tier: 'fast' }, "RangeError: createPool: expected tier to be 'auto', 'relaxed', 'simd' or 'scalar', got 'fast'"],
    [{ ordinary: 'here' }, "RangeError: createPool: expected ordinary to be 'workers' or 'fastest', got 'here'"],
    [{ ordinary: true }, "TypeError: createPool: expected ordinary to be 'workers' or 'fastest', got true"],
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
      for (const of of poolCalls(rows, cols)) {
        const want = bitsOf(callOn(engine, of));
        const { shared, free } = sharedCall(pool, of);
        const [output] = of.op.outputs;
        const out = pool.alloc(lengthOf(output, rows, cols));
        expect(bitsOf(await callOn(pool, of)).equals(want), of.title).toBe(true);
        expect(bitsOf(await callOn(pool, shared)).equals(want), `${of.title}, alloc`).toBe(true);
        expect(
          bitsOf(await callOn(pool, shared, { [output.name]: out })).equals(want),
          `${of.title}, alloc with out`,
        ).toBe(true);
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

  it("ordinary: 'fastest' computes here in a few pieces, but what is slow; 'workers' leaves it to them in many", async () => {
    const [rows, cols] = [3 << 10, 1 << 10];
    const x = inputs.normal(rows * cols, 0, 1, 5);
    const engine = createEngine({ tier: 'simd' });
    const targets = Int32Array.from({ length: rows }, (_, r) => r % cols);
    const want = [engine.logSumExp(x, cols), engine.crossEntropy(x, targets, cols)];
    for (const ordinary of [undefined, 'fastest', 'workers'] as const) {
      const pool = await createPool({ threads: 2, tier: 'simd', ordinary });
      const pieces = async (call: (onProgress: () => void) => Promise<unknown>) => {
        let count = 0;
        await call(() => count++);
        return count > 5;
      };
      expect([await pool.logSumExp(x, cols), await pool.crossEntropy(x, targets, cols)]).toEqual(want);
      expect({
        ordinary: await pieces((onProgress) => pool.logSumExp(x, cols, { onProgress })),
        slow: await pieces((onProgress) => pool.sample(x, cols, { topP: 0.9, onProgress })),
        fewLeft: await pieces((onProgress) => pool.sample(x, cols, { topP: 0.9, topK: 9, onProgress })),
      }).toEqual({ ordinary: ordinary === 'workers', slow: true, fewLeft: ordinary === 'workers' });
      await pool.close();
    }
    const scalar = await createPool({ threads: 2, tier: 'scalar' });
    let count = 0;
    await scalar.logSumExp(x, cols, { onProgress: () => count++ });
    expect(count).toBeGreaterThan(5);
    await scalar.close();
  });

  it('works from a copy of the worker at a URL', async () => {
    const workerUrl = new URL('../../dist/pool/worker.js', import.meta.url);
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
