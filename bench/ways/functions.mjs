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

/** @param {string} id @param {() => any} call @param {Float32Array} probs */
function way(id, call, probs) {
  return { id, call, results: () => [], check: async () => checkBits(id, await call(), probs) };
}
