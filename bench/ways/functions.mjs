import { createEngine } from '../../dist/index.js';
import { checkBits } from './batch.mjs';

/** The function and the pool, on ordinary arrays and on those that nothing is copied from. */

/** @param {import('./batch.mjs').Batch} batch @param {import('../../dist/index.js').Engine} engine @returns {import('./batch.mjs').Way[]} */
export function functionWays(batch, engine) {
  const { logits, probs, cols } = batch;
  const own = createEngine({ tier: engine.tier, arenaBytes: 2 * logits.byteLength + 64 });
  const [x, y] = [own.alloc(logits.length), own.alloc(logits.length)];
  x.set(logits);
  return [functionWay(batch, engine), way('memory', () => own.softmax(x, cols, { out: y }), probs)];
}

/** On ordinary arrays. @param {import('./batch.mjs').Batch} batch @param {import('../../dist/index.js').Engine} engine @returns {import('./batch.mjs').Way} */
export function functionWay({ logits, probs, out, cols }, engine) {
  return way('out', () => engine.softmax(logits, cols, { out }), probs);
}

/** @param {import('./batch.mjs').Batch} batch @param {import('../../dist/pool/index.js').Pool} pool @returns {import('./batch.mjs').Way[]} */
export function poolWays({ logits, probs, out, cols }, pool) {
  const [x, y] = [pool.alloc(logits.length), pool.alloc(logits.length)];
  x.set(logits);
  const close = () => [x, y].forEach((array) => pool.free(array));
  return [
    { ...way('pool alloc', () => pool.softmax(x, cols, { out: y }), probs), isAsync: true, close },
    { ...way('pool out', () => pool.softmax(logits, cols, { out }), probs), isAsync: true },
  ];
}

/** On SharedArrayBuffers of the program's own. @param {import('./batch.mjs').Batch} batch @param {import('../../dist/pool/index.js').Pool} pool @returns {import('./batch.mjs').Way} */
export function sharedWay({ logits, probs, cols }, pool) {
  const [x, y] = [0, 1].map(() => new Float32Array(new SharedArrayBuffer(logits.byteLength)));
  x.set(logits);
  return { ...way('pool shared', () => pool.softmax(x, cols, { out: y }), probs), isAsync: true };
}

/** Loss and gradient, by the function on ordinary arrays and by the pool on its own. @param {import('./batch.mjs').Batch} batch @param {import('../../dist/index.js').Engine} engine @param {import('../../dist/pool/index.js').Pool} pool @returns {import('./batch.mjs').Way[]} */
export function lossWays({ logits, rows, out, cols }, engine, pool) {
  const labels = Int32Array.from({ length: rows }, (_, r) => (r * 7919) % cols);
  const { dlogits } = engine.crossEntropyWithGrad(logits, labels, cols);
  const [x, y, t] = [pool.alloc(logits.length), pool.alloc(logits.length), pool.allocInt32(rows)];
  x.set(logits);
  t.set(labels);
  const gradient = (id, call) => ({
    ...way(id, call, dlogits),
    check: async () => checkBits(id, (await call()).dlogits, dlogits),
  });
  return [
    gradient('out', () => engine.crossEntropyWithGrad(logits, labels, cols, { out })),
    {
      ...gradient('pool alloc', () => pool.crossEntropyWithGrad(x, t, cols, { out: y })),
      isAsync: true,
      close: () => [x, y, t].forEach((array) => pool.free(array)),
    },
  ];
}

/** @param {string} id @param {() => any} call @param {Float32Array} probs */
function way(id, call, probs) {
  return { id, call, results: () => [], check: async () => checkBits(id, await call(), probs) };
}
