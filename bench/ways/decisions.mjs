import { float16Of, numberOf16 } from './rows.mjs';
import { draw, largestOf, withHeap, withObjectSort, withTypedSort } from './samplers.mjs';

/**
 * What bench/decisions.mjs times: for each case ours, what its goals are measured by, and what else there is.
 *
 * @typedef {{ of: string, times: number, plusNs?: number }} Goal ours takes at most times · subject + plusNs
 * @typedef {{ id: string, call: () => any, isAsync?: boolean, answer?: () => any, right?: () => any }} Subject
 *   `answer` is compared with `right`, which is the first subject's answer unless it is given
 * @typedef {{ name: string, goals: Goal[], make: (tools: Tools) => Subject[] }} Case ours first
 *
 * @typedef {object} Tools
 * @property {import('../../dist/index.js').Engine} engine
 * @property {import('../../dist/pool/index.js').Pool} pool of two threads
 * @property {{ [id: string]: import('./decision-peers.mjs').Peer }} peers
 * @property {typeof import('../random.mjs').normal} normal
 */

const COLS = 128_256;
const HALF_COLS = 262_144;
const [BATCH, BATCH_COLS] = [64, 32_000];
const FULL = { temperature: 0.8, minP: 0.05, topK: 40, topP: 0.95 };
const ALL = 'T 0.8, minP 0.05, topK 40, topP 0.95';
/** Where one draw is compared. */
const UNIFORMS = Float64Array.from({ length: 20 }, (_, i) => (i + 0.5) / 20);

/** @type {Case[]} */
export const CASES = [
  { name: `argmax, 1×${COLS}, resident`, goals: [{ of: 'loop', times: 0.15 }], make: argmax },
  { name: "topK 5 'probs', 256×1000", goals: [{ of: 'our softmax', times: 1.25 }], make: topFive },
  {
    name: `sample, 1×${COLS}: ${ALL}`,
    goals: [
      { of: 'heap', times: 0.12 },
      { of: 'object sort', times: 0.001 },
    ],
    make: (tools) => [...sampling(tools, FULL), ...others(tools, FULL)],
  },
  { name: 'the same with raw logProbs', goals: [{ of: 'our logSumExp', times: 1.4 }], make: withLogProbs },
  {
    name: `sample, 1×${COLS}: topP 0.95`,
    goals: [{ of: 'our softmax', times: 2.5 }],
    make: (tools) => [...sampling(tools, { topP: 0.95 }), ...others(tools, { topP: 0.95 })],
  },
  {
    name: `sample, 1×${COLS}: T 10, topP 0.95, nearly all are left`,
    goals: [{ of: 'our softmax', times: 2.5 }],
    make: (tools) => sampling(tools, { temperature: 10, topP: 0.95 }),
  },
  worst('ascending', (i) => i / COLS),
  worst('all equal', () => 1),
  {
    name: `sample, 1×${HALF_COLS} float16: ${ALL}`,
    goals: [{ of: 'float32', times: 0.75, plusNs: 0.4 * HALF_COLS }],
    make: half,
  },
  {
    name: `sample, ${BATCH}×${BATCH_COLS} by two threads: ${ALL}`,
    goals: [{ of: 'one thread', times: 1 / 1.8 }],
    make: batch,
  },
];

/** @param {Tools} tools @returns {Subject[]} */
function argmax({ engine, normal }) {
  const x = engine.alloc(COLS);
  x.set(normal(COLS, 0, 3, 1));
  const out = new Int32Array(1);
  return [same('ours', () => engine.argmax(x, COLS, { out })[0]), same('loop', () => argmaxLoop(x))];
}

/** @param {Tools} tools @returns {Subject[]} */
function topFive({ engine, normal }) {
  const [rows, cols, k] = [256, 1000, 5];
  const x = normal(rows * cols, 0, 3, 1);
  const options = { out: new Float32Array(rows * k), indices: new Int32Array(rows * k) };
  const whole = new Float32Array(x.length);
  return [
    { id: 'ours', call: () => engine.topK(x, cols, k, options), answer: () => engine.topK(x, cols, k).indices.join() },
    { id: 'our softmax', call: () => engine.softmax(x, cols, { out: whole }) },
    same('heap', () => {
      const all = [];
      for (let r = 0; r < rows; r++) all.push(...largestOf(softmaxLoop(x.subarray(r * cols, (r + 1) * cols)), k).ids);
      return all.join();
    }),
  ];
}

/**
 * One row in an ordinary array. What is kept is compared: each draws in an order of its own.
 *
 * @param {Tools} tools
 * @param {import('./samplers.mjs').Sampling} options
 * @returns {Subject[]}
 */
function sampling({ engine, normal }, options, x = normal(COLS, 0, 3, 1)) {
  const [tokens, whole, lse] = [new Int32Array(1), new Float32Array(COLS), new Float32Array(1)];
  const hand = (id, of) => ({
    id,
    call: () => draw(of(x, options), Math.random()),
    answer: () => ascending(of(x, options).ids),
  });
  return [
    { id: 'ours', call: () => engine.sample(x, COLS, { ...options, tokens }), answer: () => kept(engine, x, options) },
    { id: 'our softmax', call: () => engine.softmax(x, COLS, { out: whole }) },
    { id: 'our logSumExp', call: () => engine.logSumExp(x, COLS, { out: lse }) },
    hand('heap', withHeap),
    hand('typed sort', withTypedSort),
    hand('object sort', withObjectSort),
  ];
}

/** The other packages. @param {Tools} tools @param {import('./samplers.mjs').Sampling} options @returns {Subject[]} */
function others({ normal, peers }, options) {
  const x = normal(COLS, 0, 3, 1);
  return Object.entries(peers).map(([id, { largest, sampler }]) => ({
    id,
    isAsync: true,
    call: sampler(x, options),
    answer: async () => {
      const top = new Set(await largest(x, options.topK ?? 1000));
      for (let i = 0; i < 5; i++) {
        const token = await sampler(x, options)();
        if (options.topK && !top.has(token)) return `token ${token}`;
      }
      return ascending(top);
    },
    right: () => ascending(largestOf(x, options.topK ?? 1000).ids),
  }));
}

/** @param {Tools} tools @returns {Subject[]} */
function withLogProbs({ engine, normal }) {
  const x = normal(COLS, 0, 3, 1);
  const [tokens, logProbs, out] = [new Int32Array(1), new Float32Array(1), new Float32Array(1)];
  const options = { ...FULL, tokens, logProbs };
  const drawn = { ...options, uniforms: UNIFORMS.subarray(8, 9) };
  return [
    {
      id: 'ours',
      call: () => engine.sample(x, COLS, options),
      answer: () => engine.sample(x, COLS, drawn).logProbs[0].toFixed(4),
    },
    { id: 'our logSumExp', call: () => engine.logSumExp(x, COLS, { out }) },
    {
      id: 'heap',
      call: () => logProbLoop(x, draw(withHeap(x, FULL), Math.random())),
      answer: () => logProbLoop(x, engine.sample(x, COLS, drawn).tokens[0]).toFixed(4),
    },
  ];
}

/** The rows that a heap likes least, and a threshold. @param {string} name @param {(i: number) => number} of @returns {Case} */
function worst(name, of) {
  const x = Float32Array.from({ length: COLS }, (_, i) => of(i));
  return {
    name: `sample, 1×${COLS}, ${name}: topK 40`,
    goals: [{ of: 'our logSumExp', times: 0.6 }],
    make: (tools) => sampling(tools, { topK: 40 }, x),
  };
}

/** @param {Tools} tools @returns {Subject[]} */
function half({ engine, normal }) {
  const bits = Uint16Array.from(normal(HALF_COLS, 0, 3, 1), float16Of);
  const x = Float32Array.from(bits, numberOf16);
  const tokens = new Int32Array(1);
  const of = (id, row, options) => ({
    id,
    call: () => engine.sample(row, HALF_COLS, { ...options, tokens }),
    answer: () => tokensAt((uniforms) => engine.sample(row, HALF_COLS, { ...options, uniforms }).tokens[0]),
  });
  return [of('ours', bits, { ...FULL, dtype: 'float16' }), of('float32', x, FULL)];
}

/** @param {Tools} tools @returns {Subject[]} */
function batch({ engine, pool, normal }) {
  const x = normal(BATCH * BATCH_COLS, 0, 3, 1);
  const [shared, own] = [pool.alloc(x.length), engine.alloc(x.length)];
  shared.set(x);
  own.set(x);
  const seeded = { ...FULL, seed: 1 };
  return [
    {
      id: 'ours',
      isAsync: true,
      call: () => pool.sample(shared, BATCH_COLS, FULL),
      answer: async () => (await pool.sample(shared, BATCH_COLS, seeded)).tokens.join(),
    },
    {
      id: 'one thread',
      call: () => engine.sample(own, BATCH_COLS, FULL),
      answer: () => engine.sample(own, BATCH_COLS, seeded).tokens.join(),
    },
  ];
}

/** What is timed is what is compared. @param {string} id @param {() => any} call @returns {Subject} */
function same(id, call) {
  return { id, call, answer: call };
}

/** What `sample` draws from, as it draws nothing else. */
function kept(engine, x, options) {
  const left = engine.filterLogits(x, COLS, options);
  const tokens = tokensAt((uniforms) => engine.sample(x, COLS, { ...options, uniforms }).tokens[0]);
  for (const token of tokens.split(',')) if (left[token] === -Infinity) return `token ${token}`;
  return Array.from(left.keys())
    .filter((i) => left[i] > -Infinity)
    .join();
}

function tokensAt(of) {
  return Array.from(UNIFORMS, (u) => of(Float64Array.of(u))).join();
}

function ascending(ids) {
  return Array.from(ids)
    .sort((a, b) => a - b)
    .join();
}

function argmaxLoop(x) {
  let at = 0;
  for (let i = 1; i < x.length; i++) if (x[i] > x[at]) at = i;
  return at;
}

function softmaxLoop(x) {
  let max = -Infinity;
  for (let i = 0; i < x.length; i++) if (x[i] > max) max = x[i];
  const y = new Float32Array(x.length);
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += y[i] = Math.exp(x[i] - max);
  for (let i = 0; i < x.length; i++) y[i] /= sum;
  return y;
}

function logProbLoop(x, token) {
  let max = -Infinity;
  for (let i = 0; i < x.length; i++) if (x[i] > max) max = x[i];
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.exp(x[i] - max);
  return x[token] - max - Math.log(sum);
}
