import { getEventListeners } from 'node:events';
import { createRequire } from 'node:module';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngine } from '../../src/index.js';
import type { Pool } from '../../src/pool/index.js';
import { textOf, thrownBy } from '../argument.js';
import * as inputs from '../inputs.js';
import { callOn } from '../calls.js';
import { bitsOf, openThreads, POOL_OPS, poolCalls } from './pool-calls.js';

// What can go wrong: bad arguments, threads that die, calls that are aborted, a pool that is closed under its calls.

const threads = createRequire(import.meta.url)('node:worker_threads') as { Worker: typeof Worker };

/** The real workers of the pools that were opened since: the tests end some from outside. */
const workers: Worker[] = [];
const RealWorker = threads.Worker;

beforeEach(() => {
  threads.Worker = class extends RealWorker {
    constructor(...args: ConstructorParameters<typeof RealWorker>) {
      super(...args);
      workers.push(this);
    }
  };
});
afterEach(() => {
  threads.Worker = RealWorker;
  workers.length = 0;
});

/** Long enough to be in flight for tens of milliseconds on every tier. */
const LONG = 4_000_000;
const rejection = (promise: Promise<unknown>) => promise.then(() => 'no rejection', String);

describe.each([
  { way: 'shared memory', isolated: true },
  { way: 'messages', isolated: false },
])('faults, $way', ({ isolated }) => {
  let pool: Pool;
  beforeEach(async () => {
    vi.stubGlobal('crossOriginIsolated', isolated);
    pool = await openThreads({ threads: 2, tier: 'simd' });
    vi.unstubAllGlobals();
    expect([pool.threads, pool.reason === null]).toEqual([2, isolated]);
  });
  afterEach(() => pool.close());

  const expectSound = async () => {
    const x = inputs.normal(20_000, 0, 4, 3);
    const want = bitsOf(createEngine({ tier: 'simd' }).softmax(x, 10));
    for (let i = 0; i < 3; i++) expect(bitsOf(await pool.softmax(x, 10)).equals(want)).toBe(true);
  };

  it('a worker that dies rejects the call it was at, is replaced, and the next call works', async () => {
    const outcomes: string[] = [];
    const logits = pool.alloc(LONG);
    // Its end takes a moment: now and then it has nothing in hand by then.
    for (let i = 0; i < 20 && !outcomes.some((text) => text !== 'no rejection'); i++) {
      const calls = [1, 2, 3].map(() => rejection(pool.softmax(logits, 4, { out: logits })));
      await Promise.all(workers.slice(-2).map((worker) => worker.terminate()));
      outcomes.push(...(await Promise.all(calls)));
      await expectSound();
      await vi.waitFor(() => expect(pool.threads).toBe(2));
    }
    expect([...new Set(outcomes)].filter((text) => text !== 'no rejection')).toEqual([
      'Error: softmax: a worker died: it ended with exit code 1',
    ]);
  });

  it('survives deaths again and again, of workers at rest too', async () => {
    for (let i = 0; i < 6; i++) {
      await workers.at(-1)!.terminate();
      await expectSound();
      await vi.waitFor(() => expect(pool.threads).toBe(2));
    }
    expect(workers.length).toBe(8);
  });

  it('calls beside the one that lost its worker end well or say so', async () => {
    const x = inputs.normal(400_000, 0, 4, 3);
    const want = bitsOf(createEngine({ tier: 'simd' }).softmax(x, 10));
    const calls = Array.from({ length: 40 }, () => pool.softmax(x, 10).catch(String));
    await workers[0]!.terminate();
    const results = await Promise.all(calls);
    const bad = results.filter((result) => typeof result === 'string');
    for (const text of bad) expect(text).toMatch(/^Error: softmax: a worker died: /);
    for (const result of results) if (typeof result !== 'string') expect(bitsOf(result).equals(want)).toBe(true);
    // At most what one worker holds: a chunk, or the blocks on their way to it.
    expect(bad.length).toBeLessThanOrEqual(2);
  });

  it('workers that cannot be replaced leave a pool that says so', async () => {
    // An arrow function is no constructor: `new Worker` throws.
    threads.Worker = (() => undefined) as never;
    // More than the threads hold at a time: some wait until there is nobody to wait for.
    const calls = Array.from({ length: 12 }, () => rejection(pool.softmax(new Float32Array(LONG), 4)));
    await Promise.all(workers.map((worker) => worker.terminate()));
    for (const text of await Promise.all(calls))
      expect(text).toMatch(/softmax: (a worker died|threads: a worker that died could not be replaced)/);
    await vi.waitFor(() => expect(pool.reason).toMatch(/could not be replaced: .*not a constructor/));
    expect(pool.threads).toBe(1);
    await expectSound();
  });

  it('twelve calls on one signal share a listener, and all of them end with it', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => void warnings.push(warning);
    process.on('warning', warn);
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 12 }, () => rejection(pool.softmax(new Float32Array(LONG), 4, { signal })));
    await new Promise((resolve) => setTimeout(resolve));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    controller.abort('enough');
    expect(await Promise.all(calls)).toEqual(new Array(12).fill('enough'));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    process.off('warning', warn);
    expect(warnings).toEqual([]);
  });

  it('an aborted call rejects with the reason of its signal and leaves no listener', async () => {
    const { signal } = new AbortController();
    await pool.softmax(new Float32Array(20_000), 10, { signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(await rejection(pool.softmax(new Float32Array(LONG), 4, { signal: AbortSignal.abort('enough') }))).toBe(
      'enough',
    );
    const outcomes: string[] = [];
    for (let i = 0; i < 10; i++) {
      const controller = new AbortController();
      const call = rejection(pool.softmax(new Float32Array(LONG), 4, { signal: controller.signal }));
      const queued = rejection(pool.softmax(new Float32Array(LONG), 4, { signal: controller.signal }));
      controller.abort();
      outcomes.push(await call, await queued);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    }
    expect(new Set(outcomes)).toContain('AbortError: This operation was aborted');
    await expectSound();
  });

  it('an aborted call stops computing, and touches no array after it has rejected', async () => {
    let rejected = 0;
    const logits = pool.alloc(LONG);
    const out = pool.alloc(LONG);
    for (let i = 0; i < 10; i++) {
      out.fill(0);
      const controller = new AbortController();
      const call = rejection(pool.softmax(logits, 4, { out, signal: controller.signal }));
      controller.abort();
      if ((await call) === 'no rejection') continue;
      rejected++;
      const written = out.indexOf(0);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect([out.at(-1), out.indexOf(0)]).toEqual([0, written]);
    }
    expect(rejected).toBeGreaterThan(0);
  });

  it('an error thrown by onProgress ends the call', async () => {
    const onProgress = () => {
      throw new Error('from the callback');
    };
    expect(await rejection(pool.softmax(new Float32Array(LONG), 4, { onProgress }))).toBe('Error: from the callback');
    await expectSound();
  });

  it('progress rises to all rows', async () => {
    for (const logits of [new Float32Array(LONG), pool.alloc(LONG)]) {
      const seen: number[] = [];
      await pool.softmax(logits, 4, { onProgress: (rows, total) => seen.push(rows / total) });
      expect(seen.at(-1)).toBe(1);
      expect(seen.length).toBeGreaterThan(2);
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    }
  });

  it('close() rejects the calls in flight and all later ones, twice over', async () => {
    // The calling thread copies a long one in block by block, so the last cannot be complete before close().
    const lengths = [...new Array<number>(99).fill(100_000), LONG];
    const calls = lengths.map((length) => rejection(pool.softmax(new Float32Array(length), 4)));
    const closed = pool.close();
    expect(pool.close()).toBe(closed);
    await closed;
    const message = 'Error: softmax: expected the pool to be open, got a closed one';
    // Others may have been computed while the next were being made.
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter((text) => text !== message && text !== 'no rejection')).toEqual([]);
    expect(outcomes.at(-1)).toBe(message);
    expect(await rejection(pool.softmax(new Float32Array(4), 4))).toBe(message);
    expect(() => pool.alloc(1)).toThrow('alloc: expected the pool to be open, got a closed one');
    expect(() => pool.allocInt32(1)).toThrow('allocInt32: expected the pool to be open');
  });

  it('many calls take turns: a short one does not wait for the long ones before it', async () => {
    const ended: string[] = [];
    const long = [0, 1, 2, 3].map(() => pool.softmax(new Float32Array(LONG), 4).then(() => ended.push('long')));
    const short = pool.softmax(new Float32Array(8000), 4).then(() => ended.push('short'));
    await Promise.all([...long, short]);
    expect(ended[0]).toBe('short');
  });

  it('more calls at once than there are slots', async () => {
    const x = inputs.normal(4000, 0, 4, 3);
    const shared = pool.alloc(4000);
    shared.set(x);
    const want = bitsOf(createEngine({ tier: 'simd' }).softmax(x, 10));
    const calls = Array.from({ length: 300 }, (_, i) => pool.softmax(i % 2 ? x : shared, 10));
    for (const probs of await Promise.all(calls)) expect(bitsOf(probs).equals(want)).toBe(true);
  });

  it('free refuses what a call uses, what is free, and what was never given out', async () => {
    const array = pool.alloc(LONG);
    const call = pool.softmax(array, 4, { out: array });
    expect(thrownBy(() => pool.free(array))).toBe(
      'TypeError: free: expected array to be in use by no call, got one that a call in flight uses',
    );
    await call;
    pool.free(array);
    expect(() => pool.free(array)).toThrow(TypeError);
    expect(() => pool.free(new Float32Array(1))).toThrow(TypeError);
    expect(() => pool.alloc(-1)).toThrow('alloc: expected length to be an integer >= 0, got -1');
    expect(() => pool.alloc(2 ** 31)).toThrow(
      isolated
        ? /^alloc: expected length to fit the pool's memory, which grows to less than 4 GiB \(\d+ bytes, \d+ left/
        : /^alloc: expected length to fit the arena \(\d+ bytes, \d+ left/,
    );
    // A freed array of shared memory is nobody's; an ordinary one stays an array.
    const later = await rejection(pool.softmax(array, 4));
    if (isolated) expect(later).toMatch(/^TypeError: softmax: expected logits to be an ordinary array or a live one/);
    else expect(later).toBe('no rejection');
  });
});

describe('errors', () => {
  const BAD: unknown[] = [
    undefined,
    null,
    7,
    -1,
    0.5,
    NaN,
    'text',
    [1, 2, 3, 4, 5, 6],
    {},
    new Float64Array(6),
    new Float32Array(5),
    new Float32Array(0),
    new Int32Array(2).fill(9),
    new Int32Array(3),
  ];
  const OPTIONS = new Set(POOL_OPS.flatMap(({ options }) => options));

  it('are those of the synchronous calls, as rejections, and nothing is written', async () => {
    const engine = createEngine();
    const pool = await openThreads({ threads: 1 });
    let compared = 0;
    const compare = async (op: string, args: unknown[]) => {
      let want = 'no error';
      try {
        (engine as unknown as Record<string, (...list: unknown[]) => unknown>)[op](...args);
      } catch (error) {
        // Pools know two options more.
        want = textOf(error).replace(', got an unknown option', ', signal, onProgress, got an unknown option');
      }
      const arrays = args
        .filter((value) => ArrayBuffer.isView(value))
        .map((value) => [value, bitsOf(value).toString('hex')]);
      const call = (pool as unknown as Record<string, (...list: unknown[]) => Promise<unknown>>)[op]!(...args);
      const got = await call.then(() => 'no error', textOf);
      expect(got, `${op}(${JSON.stringify(args)})`).toBe(want);
      if (want === 'no error') return;
      compared++;
      for (const [array, before] of arrays) expect(bitsOf(array).toString('hex')).toBe(before);
    };
    const seen = new Set<string>();
    for (const { op: of, arrays, cols } of poolCalls(2, 3)) {
      const op = of.name;
      if (seen.has(op)) continue;
      seen.add(op);
      const args = [...arrays, cols];
      for (let i = 0; i <= args.length; i++) {
        for (const bad of BAD) await compare(op, [...args.slice(0, i), bad, ...args.slice(i + 1)]);
      }
      for (const name of OPTIONS) {
        for (const bad of BAD) await compare(op, [...arrays, cols, { [name]: bad }]);
      }
      const logits = arrays[0]!;
      await compare(op, [...arrays, cols, { out: new Float32Array(logits.buffer, 4, 2) }]);
    }
    expect(seen.size).toBe(POOL_OPS.length);
    expect(compared).toBeGreaterThan(1000);
    await pool.close();
  });

  it('of the options that only pools have', async () => {
    const pool = await openThreads({ threads: 1 });
    const [softmax] = poolCalls(2, 3);
    const out = new Float32Array(6);
    for (const [options, message] of [
      [{ signal: 1 }, 'TypeError: softmax: expected signal to be an AbortSignal, got 1'],
      [{ signal: {} }, 'TypeError: softmax: expected signal to be an AbortSignal, got Object'],
      [{ onProgress: 'x' }, "TypeError: softmax: expected onProgress to be a function, got 'x'"],
    ] as const) {
      expect(await (callOn(pool, softmax, { ...options, out }) as Promise<unknown>).catch(textOf)).toBe(message);
      expect(out).toEqual(new Float32Array(6));
    }
    await pool.close();
  });
});

describe('the program around it', () => {
  const run = (text: string) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', text], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
      timeout: 20_000,
    });
  const open = "import { createPool } from './dist/pool/index.js'; const pool = await createPool({ threads: 2 });";

  it('ends though a pool is open, but not while a call is in flight', () => {
    const { status, stdout, stderr } = run(
      `${open} pool.softmax(pool.alloc(4e6), 4).then((y) => console.log(y[0])); pool.softmax(new Float32Array(4e6), 4).then((y) => console.log(y[0]));`,
    );
    expect([status, stdout, stderr]).toEqual([0, '0.25\n0.25\n', '']);
  });

  it('may end by process.exit with calls in flight', () => {
    const { status, stdout } = run(`${open} pool.softmax(pool.alloc(4e6), 4); process.exit(7);`);
    expect([status, stdout]).toEqual([7, '']);
  });
});
