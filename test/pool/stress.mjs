// Pools of 1 to 16 threads under faults: aborts, deaths of workers, transfers of a call's arrays, memory that grows, and an end
// in the middle. Every call is accounted for: it settles, right or with what was done to it. Node; argv: seconds, seed.
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEngine } from '../../dist/index.js';
import { createPool } from '../../dist/pool/index.js';

const [seconds = '60', seed = '1'] = process.argv.slice(2);
const PATIENCE_MS = 60_000;
const AT_ONCE = 12;
/** Large enough for the threads, as ordinary arrays and in the pool's memory. */
const SHAPES = [
  [110_000, 10],
  [1100, 1000],
  [20, 60_000],
];
const LOST = /expected \w+ to keep its buffer while the call uses it/;
const DIED = /a worker died|could not be replaced/;
const CLOSED = /expected the pool to be open/;

const workers = new Set();
const threads = createRequire(import.meta.url)('node:worker_threads');
threads.Worker = class extends threads.Worker {
  constructor(...args) {
    super(...args);
    workers.add(this);
    this.on('exit', () => workers.delete(this));
  }
};

let state = Number(seed);
/** In [0, 1): the same for the same seed, though not at the same moments. */
function chance() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}
const below = (n) => Math.floor(chance() * n);

const engine = createEngine({ tier: 'simd' });
const INPUTS = SHAPES.map(([rows, cols]) => {
  const logits = Float32Array.from({ length: rows * cols }, (_, i) => 9 * Math.sin(i * 7));
  const labels = Int32Array.from({ length: rows }, (_, r) => (r * 31) % cols);
  const { loss, dlogits } = engine.crossEntropyWithGrad(logits, labels, cols);
  return { cols, logits, labels, loss, dlogits, probs: engine.softmax(logits, cols) };
});

const failures = [];
const counts = { calls: 0, right: 0, aborted: 0, transferred: 0, died: 0, closed: 0, deaths: 0, pools: 0 };
const bytes = (array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
const same = (a, b) => bytes(a).equals(bytes(b));

/** One pool, from its beginning to its end. */
async function onePool() {
  counts.pools++;
  const byMessage = chance() < 0.3;
  if (byMessage) globalThis.crossOriginIsolated = false;
  const pool = await createPool({ threads: 1 + below(16), tier: 'simd' });
  delete globalThis.crossOriginIsolated;
  const round = { pool, deaths: 0, closing: false, held: [] };
  const ends = chance() < 0.5;
  const calls = Array.from({ length: AT_ONCE }, () => manyCalls(round, ends));
  const kills = chance() < 0.6 ? killSome(round) : Promise.resolve();
  if (ends) {
    await sleep(below(400));
    round.closing = true;
    await pool.close();
  }
  await inTime(Promise.all([...calls, kills]), `calls of ${pool.threads} threads${byMessage ? ' by message' : ''}`);
  // Whatever became of its call, an array can be freed.
  for (const array of round.held) pool.free(array);
  round.closing = true;
  await inTime(pool.close(), 'close()');
}

async function inTime(promise, what) {
  const late = new AbortController();
  const timer = sleep(PATIENCE_MS, null, { signal: late.signal }).then(
    () => {
      throw new Error(`${what}: not settled in ${PATIENCE_MS / 1000} s`);
    },
    () => undefined,
  );
  await Promise.race([promise, timer]);
  late.abort();
}

async function killSome(round) {
  for (let i = below(4); i >= 0 && !round.closing; i--) {
    await sleep(below(150));
    const alive = [...workers];
    if (alive.length === 0) continue;
    round.deaths++;
    counts.deaths++;
    await alive[below(alive.length)].terminate();
  }
}

async function manyCalls(round, ends) {
  for (let i = ends ? 40 : 4; i > 0 && !round.closing; i--) await oneCall(round);
}

/** A call, what is done to it, and whether it ended as it may. */
async function oneCall(round) {
  const { pool } = round;
  const input = INPUTS[below(INPUTS.length)];
  const isResident = chance() < 0.5;
  const array = (from) => (isResident ? inPool(round, from) : from.slice());
  let arrays;
  try {
    arrays = [array(input.logits), array(input.labels), array(new Float32Array(input.logits.length))];
    if (chance() < 0.1) round.held.push(pool.alloc(8_000_000));
  } catch (error) {
    return expectError(round, error, {});
  }
  const [logits, labels, out] = arrays;
  const controller = new AbortController();
  const { signal } = controller;
  const done = { aborted: false, transferred: false };
  let settled = 0;
  counts.calls++;
  const isSoftmax = chance() < 0.5;
  const options = { out, signal, ...(chance() < 0.3 ? { onProgress: () => undefined } : {}) };
  const call = isSoftmax
    ? pool.softmax(logits, input.cols, options)
    : pool.crossEntropyWithGrad(logits, labels, input.cols, options);
  const outcome = call.then(
    (result) => (settled++, expectRight(input, result, isSoftmax)),
    (error) => (settled++, expectError(round, error, done)),
  );
  await disturb(done, controller, isResident ? null : [logits, out][below(2)]);
  await outcome;
  if (settled !== 1) failures.push(`a call settled ${settled} times`);
  if (isResident && !round.closing) {
    for (const one of arrays) {
      round.held.splice(round.held.indexOf(one), 1);
      pool.free(one);
    }
  }
}

async function disturb(done, controller, array) {
  const what = chance();
  if (what < 0.4) return;
  await sleep(below(30));
  if (what < 0.7) {
    done.aborted = true;
    controller.abort();
  } else if (array !== null) {
    done.transferred = true;
    globalThis.structuredClone(array.buffer, { transfer: [array.buffer] });
  }
}

function inPool({ pool, held }, from) {
  const array = from instanceof Int32Array ? pool.allocInt32(from.length) : pool.alloc(from.length);
  held.push(array);
  array.set(from);
  return array;
}

function expectRight(input, result, isSoftmax) {
  const got = isSoftmax ? result : result.dlogits;
  // Transferred after the last row was copied, before anybody could look.
  if (got.length === 0) return;
  const isRight = same(got, isSoftmax ? input.probs : input.dlogits) && (isSoftmax || result.loss === input.loss);
  if (isRight) counts.right++;
  else failures.push(`a wrong result of ${input.logits.length / input.cols} × ${input.cols}`);
}

function expectError({ deaths, closing }, error, { aborted, transferred }) {
  const text = String(error);
  if (aborted && error?.name === 'AbortError') counts.aborted++;
  else if (transferred && LOST.test(text)) counts.transferred++;
  else if (deaths > 0 && DIED.test(text)) counts.died++;
  else if (closing && CLOSED.test(text)) counts.closed++;
  else failures.push(`a call rejected with ${error?.stack ?? text}`);
}

process.on('unhandledRejection', (error) => failures.push(`unhandled: ${error?.stack ?? error}`));
process.on('uncaughtException', (error) => failures.push(`uncaught: ${error.stack}`));

/** What keeps the program alive, but for what is just being closed. */
const resources = () =>
  process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'CloseReq')
    .sort()
    .join();
// The first worker opens the standard streams of the program.
await (await createPool({ threads: 1, tier: 'simd' })).close();
await sleep(100);
const before = resources();
const end = performance.now() + 1000 * Number(seconds);
while (performance.now() < end && failures.length === 0) await onePool().catch((error) => failures.push(error.stack));
await sleep(100);
if (workers.size > 0) failures.push(`${workers.size} workers were left`);
if (resources() !== before) failures.push(`resources: ${before} became ${resources()}`);
console.log(JSON.stringify({ ...counts, failures: failures.slice(0, 10) }));
process.exit(0);
