import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectFound, expectRightResults, type Found, type Results } from './right.js';
import { WORKERD } from './runtimes.mjs';
import { installPacked, startWorker } from './workerd.mjs';

// workerd compiles no bytes: under its condition the package imports both .wasm files instead.

type Worker = Awaited<ReturnType<typeof startWorker>>;

/** What wrangler bundles with. */
const CONDITIONS = ['workerd', 'worker', 'browser'];
/** Columns on both sides of each boundary: lanes, narrow and wide rows, blocks of 64, a staging tile. */
const BOUNDARIES = [1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 31, 33, 63, 64, 65, 100, 130, 1000, 8200];
const entry = fileURLToPath(new URL('./worker.mjs', import.meta.url));
const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

const workers: Worker[] = [];
const installed = installPacked();
const start = async (options: Parameters<typeof startWorker>[1]): Promise<Worker> => {
  const worker = await startWorker(installed.folder, options);
  workers.push(worker);
  return worker;
};
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  installed.remove();
});

describe('workerd', () => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await start({ entry, conditions: CONDITIONS });
  });
  const get = async (path: string) => (await worker.ask(path)).json() as Promise<unknown>;

  it('takes its fastest tier, and refuses none that it has', async () => {
    expectFound((await get('/probe')) as Found, WORKERD.tiers[0]!, /./);
  });

  describe.each(WORKERD.tiers)('workerd, %s', (tier) => {
    it.each(BOUNDARIES)('is right in every operation, %i columns', async (cols) => {
      const answer = (await get(`/results?tier=${tier}&cols=${cols}`)) as { tier: string; results: Results };
      expect(answer.tier).toBe(tier);
      expectRightResults(answer.results);
    });
  });

  it('has the bits of every other runtime, on simd', async () => {
    const { hash, parts } = JSON.parse(read('../bits/expected.json')) as { hash: string; parts: object };
    expect(await get('/hash?tier=simd')).toMatchObject({ hash, parts });
  });

  it("runs the documents' Worker", async () => {
    const source = /```js\n(\/\/ A Cloudflare Worker[^]+?)```/.exec(read('../../docs/environments.md'))![1];
    const worker = await start({ source, conditions: CONDITIONS });
    const body = new Uint8Array(Float32Array.of(0, 0, 0, 0, 5, 5, 5, 5, 5, 5, ...new Float32Array(10)).buffer);
    const answer = await worker.ask('/', { method: 'POST', body });
    const probs = new Float32Array(await answer.arrayBuffer());
    expect(probs.length).toBe(20);
    expect([...probs.slice(10)]).toEqual(Array(10).fill(Math.fround(0.1)));
  });
});

describe('workerd, where the package is bundled without its condition', () => {
  it('refuses to compile bytes: scalar, and the reason', async ({ task }) => {
    const worker = await start({ entry, conditions: CONDITIONS.filter((condition) => condition !== 'workerd') });
    const found = (await (await worker.ask('/probe')).json()) as Found;
    expectFound(found, 'scalar', /disallowed by embedder/);
    const { tier, reason } = found.backend;
    task.meta.environment = { where: 'bundled without the condition `workerd`', runtime: WORKERD.name, tier, reason };
  });
});
