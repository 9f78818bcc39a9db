// What a pool must do on every runtime, on its real workers: the bits of the synchronous calls, progress, an end by a
// signal, by close() and by a second pool's side. Plain JavaScript over dist/, for browsers too.
import { callOn, callsOf, OPS } from '../ops.mjs';

const SHAPES = [
  [30000, 1],
  [20000, 3],
  [9000, 10],
  [1001, 65],
  [130, 1000],
  [9, 8203],
  [2, 262221],
];

/** x = 9 sin(7i) and the like: the same on every runtime but for the last bits, and both sides get the same array. */
function wave(length, factor, scale) {
  return Float32Array.from({ length }, (_, i) => scale * Math.sin(i * factor));
}

const draw = {
  logits: (rows, cols) => wave(rows * cols, 7, 9),
  vector: (rows, cols) => wave(rows * cols, 3, 2),
  probs: (rows, cols) => wave(rows * cols, 11, 1).map(Math.abs),
  logProbs: (rows, cols) => wave(rows * cols, 5, 8).map((v) => v - 8),
  labels: (rows, cols) => Int32Array.from({ length: rows }, (_, r) => (r * 31) % cols),
  soft: (rows, cols) => wave(rows * cols, 13, 1).map(Math.abs),
  classWeights: (_, cols) => wave(cols, 2, 1).map((v) => 1.5 + v),
};

/** Every way of calling each operation of a pool on one shape, with each reduction in turn. */
function callsOn(rows, cols) {
  const calls = OPS.filter(({ engineOnly }) => !engineOnly).flatMap((op) => callsOf(op, rows, cols, draw));
  return calls.map((call, i) => {
    if (!call.op.options.includes('reduction')) return call;
    return { ...call, options: { ...call.options, reduction: ['mean', 'sum', 'none'][i % 3] } };
  });
}

/** Bytes of everything that a call returned, numbers as float64. */
function bytesOf(result) {
  if (typeof result === 'number') return new Uint8Array(Float64Array.of(result).buffer);
  if (ArrayBuffer.isView(result)) return new Uint8Array(result.buffer, result.byteOffset, result.byteLength);
  return Object.values(result).map(bytesOf);
}

function sameBytes(a, b) {
  if (Array.isArray(a)) return a.length === b.length && a.every((part, i) => sameBytes(part, b[i]));
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
  return 'no rejection';
}

/**
 * @param api `openPool` of build/lib/pool/pool.js and `createEngine` of dist/index.js
 * @param options of createPool
 * @returns what the pool says of itself, and everything that was wrong
 */
export async function check({ openPool, createEngine }, options) {
  const failures = [];
  const expect = (what, got, wanted) => {
    if (got !== wanted) failures.push(`${what}: expected ${wanted}, got ${got}`);
  };
  const begin = performance.now();
  // Nothing is small: everything goes to the threads.
  const pool = await openPool({ ordinary: 'workers', ...options }, { shared: 0, copied: 0 });
  const startMs = performance.now() - begin;
  const { threads, reason, tier, tierReason } = pool;
  const engine = createEngine({ tier });
  let compared = 0;

  for (const [rows, cols] of SHAPES) {
    for (const call of callsOn(rows, cols)) {
      const kept = [];
      const keep = (values) => {
        const array = values instanceof Int32Array ? pool.allocInt32(values.length) : pool.alloc(values.length);
        array.set(values);
        kept.push(array);
        return array;
      };
      const options = { ...call.options };
      if (options.classWeights) options.classWeights = keep(options.classWeights);
      const shared = { ...call, arrays: call.arrays.map(keep), options };
      const want = bytesOf(callOn(engine, call));
      for (const [kind, placed] of [
        ['ordinary arrays', call],
        ['alloc', shared],
      ]) {
        compared++;
        const same = sameBytes(bytesOf(await callOn(pool, placed)), want);
        if (!same) failures.push(`${call.title} ${rows} × ${cols}, ${kind}: other bits`);
      }
      for (const array of kept) pool.free(array);
    }
  }

  // In place, and outputs of alloc.
  const x = wave(400_000, 7, 9);
  const want = bytesOf(engine.softmax(x, 1000));
  const held = pool.alloc(x.length);
  held.set(x);
  expect('in place, alloc', (await pool.softmax(held, 1000, { out: held })) === held, true);
  expect('in place, alloc: same bits', sameBytes(bytesOf(held), want), true);
  const own = x.slice();
  expect('in place', (await pool.softmax(own, 1000, { out: own })) === own, true);
  expect('in place: same bits', sameBytes(bytesOf(own), want), true);

  // Progress rises to the end.
  const seen = [];
  await pool.softmax(x, 100, { onProgress: (rows, total) => seen.push([rows, total]) });
  expect('progress ends with all rows', String(seen.at(-1)), '4000,4000');
  expect(
    'progress rises',
    seen.every(([rows], i) => i === 0 || rows > seen[i - 1][0]),
    true,
  );

  // Many calls at once.
  const many = await Promise.all(Array.from({ length: 100 }, () => pool.softmax(x, 1000)));
  expect(
    'a hundred calls at once',
    many.every((probs) => sameBytes(bytesOf(probs), want)),
    true,
  );

  // A signal, before and during; then the pool still works.
  expect('aborted before', await rejection(pool.softmax(x, 1000, { signal: AbortSignal.abort() })), abortText());
  for (const array of [new Float32Array(4e6), pool.alloc(4e6)]) {
    const texts = [];
    for (let i = 0; i < 20; i++) {
      const controller = new AbortController();
      const call = pool.softmax(array, 8, { out: array, signal: controller.signal });
      controller.abort();
      texts.push(await rejection(call));
    }
    // On a busy machine the threads may be done before the calling one is heard again, but not every time.
    expect('aborted during', texts.includes(abortText()), true);
    expect(
      'aborted or done',
      texts.find((text) => text !== abortText() && text !== 'no rejection'),
      undefined,
    );
  }
  expect('after an abort', sameBytes(bytesOf(await pool.softmax(x, 1000)), want), true);

  // An error is the main entry's.
  expect(
    'error',
    await rejection(pool.softmax(new Float32Array(10), 3)),
    'RangeError: softmax: expected logits.length to be a multiple of cols = 3, got 10',
  );

  // Calls in flight at close() reject, and later ones.
  const flying = rejection(pool.softmax(new Float32Array(2e7), 1000));
  const flyingShared = rejection(pool.softmax(held, 1000));
  await pool.close();
  const closed = 'Error: softmax: expected the pool to be open, got a closed one';
  expect('in flight at close()', await flying, closed);
  // It may have ended before.
  if ((await flyingShared) !== 'no rejection') expect('in flight at close(), alloc', await flyingShared, closed);
  expect('after close()', await rejection(pool.softmax(x, 1000)), closed);
  await pool.close();

  return { threads, reason, tier, tierReason, startMs: Math.round(startMs), compared, failures };
}

function abortText() {
  const { reason } = AbortSignal.abort();
  return `${reason.name}: ${reason.message}`;
}
