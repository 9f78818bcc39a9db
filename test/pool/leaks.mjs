// 10,000 calls of every kind on one pool, then nothing may be left: no listener, no timer, no memory. Node, --expose-gc.
import { getEventListeners } from 'node:events';
import { createPool } from '../../dist/pool/index.js';

const CALLS = 10_000;
/** Heap that a run may leave: what the compiler keeps of the code that it has just optimised. */
const HEAP_BYTES = 2e6;
const RSS_BYTES = 48e6;

const pool = await createPool({ threads: 2 });
const cols = 100;
const small = new Float32Array(10 * cols);
const large = new Float32Array(5000 * cols);
const out = new Float32Array(large.length);
const labels = new Int32Array(5000);
const shared = pool.alloc(large.length);
const { signal } = new AbortController();
let aborted = 0;

/** One call of each kind in turn; no result outlives it. */
async function call(i) {
  // Now and then, as they are large: threads hold what they were given no longer than the program does.
  if (i % 1000 === 50) {
    const mine = new Float32Array(new SharedArrayBuffer(4 * large.length));
    return pool.softmax(mine, cols, { out: mine });
  }
  switch (i % 8) {
    case 0:
      return pool.softmax(small, cols);
    case 1:
      return pool.softmax(shared, cols, { out: shared, signal });
    case 2:
      return pool.softmax(large, cols, { out, signal });
    case 3:
      return pool.crossEntropy(shared, labels, cols, { signal });
    case 4:
      return pool.softmax(new Float32Array(7), cols).catch(() => 'refused');
    case 5: {
      const array = pool.alloc(50_000);
      await pool.logSumExp(array, cols, { onProgress: () => undefined });
      return pool.free(array);
    }
    case 6: {
      const controller = new AbortController();
      const softmax = pool.softmax(shared, cols, { out: shared, signal: controller.signal });
      controller.abort();
      await softmax.catch(() => aborted++);
      if (getEventListeners(controller.signal, 'abort').length > 0) throw new Error('an aborted call left a listener');
      return;
    }
    default:
      return pool.crossEntropyGrad(large, labels, cols, { out, signal });
  }
}

function measure() {
  for (let i = 0; i < 3; i++) globalThis.gc();
  const { heapUsed, rss, external, arrayBuffers } = process.memoryUsage();
  return {
    heapUsed,
    rss,
    external: external + arrayBuffers,
    resources: process.getActiveResourcesInfo().sort().join(),
  };
}

async function many(count) {
  for (let i = 0; i < count; i += 20) await Promise.all(Array.from({ length: 20 }, (_, j) => call(i + j)));
}

await many(2000);
const sharedBytes = pool.alloc(0).buffer.byteLength;
const before = measure();
const begin = performance.now();
await many(CALLS);
const seconds = (performance.now() - begin) / 1000;
const after = measure();

const failures = [];
const atMost = (what, got, most) => {
  if (!(got <= most)) failures.push(`${what}: expected at most ${most}, got ${got}`);
};
const heap = after.heapUsed - before.heapUsed;
const rss = after.rss - before.rss;
atMost('bytes of heap left', heap, HEAP_BYTES);
atMost('bytes of memory left', rss, RSS_BYTES);
atMost('bytes of buffers left', after.external - before.external, 1e6);
atMost('listeners left on a signal', getEventListeners(signal, 'abort').length, 0);
atMost('growth of the shared memory', pool.alloc(0).buffer.byteLength - sharedBytes, 0);
if (after.resources !== before.resources) failures.push(`resources: ${before.resources} became ${after.resources}`);
if (aborted === 0) failures.push('not one call was aborted');
await pool.close();
console.log(JSON.stringify({ calls: CALLS, seconds: Math.round(seconds), heap, rss, aborted, failures }));
