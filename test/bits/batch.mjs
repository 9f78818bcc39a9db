// A fixed batch of every operation, and the hash of its outputs' bits. Plain JavaScript that needs no build: the same file
// runs in vitest over src/, and over dist/ in every runtime of scripts/check/bits.mjs, browsers included.
//
// The inputs come from integers and powers of two alone, so that they too have the same bits everywhere.

import { OPS, returned, takesTargets } from '../ops.mjs';

const { crypto, TextEncoder } = globalThis;

/** Both sides of the boundaries: lanes, narrow and wide rows, blocks of 64, tails, staged and long rows. */
const COLUMNS = [1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 1000];
const TILE = 8192;
const STAGED = [TILE - 1, TILE + 8, 2 * TILE + 117];
/** One more than 1 MiB, and a tail. */
const STREAMED = 262_144 + 77;

/** More rows than fit in a tile, the last group of four not full. */
const MANY_ROWS = [
  [3001, 3],
  [1003, 10],
  [135, 64],
];

const TEMPERATURES = [1, 0.7];
const MORE_TEMPERATURES = [0.01, 1.3, 3, 100, 2 ** -16, 2 ** 16];

/** xorshift32 (Marsaglia, Xorshift RNGs, 2003): uint32 after uint32. */
function integers(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Integers within ±131070, nearly normal with a deviation of 37,837: sums of four of 16 bits. */
function bell(next) {
  const a = next();
  const b = next();
  return (a >>> 16) + (a & 0xffff) + (b >>> 16) + (b & 0xffff) - 131_070;
}

function fill(length, seed, draw) {
  const next = integers(seed);
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = draw(next);
  return values;
}

const normal = (length, seed, scale = 2 ** -13, shift = 0) => fill(length, seed, (next) => bell(next) * scale + shift);
/** In (0, 1]. */
const positive = (length, seed) => fill(length, seed, (next) => ((next() >>> 8) + 1) * 2 ** -24);
const classes = (rows, cols, seed) => Int32Array.from(fill(rows, seed, (next) => next() % cols));

/** What stands in one row, by its number: each meets several neighbours, as these are more than a group of four. */
const HARD_ROWS = [
  (row, seed) => row.set(normal(row.length, seed, 2 ** -13, 3)),
  (row, seed) => row.set(normal(row.length, seed, 2 ** -13, 349)),
  (row, seed) => row.set(normal(row.length, seed, 2 ** -13, -400)),
  (row, seed) => row.set(normal(row.length, seed, 2 ** -13, 10_000)),
  (row, seed) => row.set(normal(row.length, seed, 2 ** 110)),
  (row, seed) => row.set(normal(row.length, seed).map((v, c) => ((c + seed) % 3 === 0 ? -Infinity : v))),
  (row) => row.fill(-Infinity),
  (row, seed) => (row.set(normal(row.length, seed)), (row[seed % row.length] = NaN)),
  (row, seed) => (row.set(normal(row.length, seed)), (row[seed % row.length] = Infinity)),
  (row, seed) => (row.fill(-1.25), (row[seed % row.length] = 18)),
  (row, seed) => (row.set(normal(row.length, seed)), (row[seed % row.length] = 90)),
  (row, seed) => row.set(normal(row.length, seed).map((v) => Math.floor(v))),
  (row, seed) => row.set(normal(row.length, seed, 2 ** -149)),
  (row, seed) => row.set(normal(row.length, seed, 2 ** -8)),
  (row) => row.fill(-71.75),
];

function hard(rows, cols) {
  const logits = new Float32Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    // 7 and 15 have no common divisor: every kind comes, in an order that a second round changes
    const kind = (7 * r + Math.floor(r / HARD_ROWS.length)) % HARD_ROWS.length;
    HARD_ROWS[kind](logits.subarray(r * cols, (r + 1) * cols), 1 + r + 31 * cols);
  }
  return logits;
}

/** Bits with one NaN for all: sign and payload are the machine's own. */
function bitsOf(values) {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length).slice();
  for (let i = 0; i < bits.length; i++) if ((bits[i] & 0x7fffffff) > 0x7f800000) bits[i] = 0x7fc00000;
  return bits;
}

/** Of a float64, the reduced loss. */
function bitsOfNumber(value) {
  return Number.isNaN(value) ? Uint32Array.of(0, 0x7ff80000) : new Uint32Array(Float64Array.of(value).buffer);
}

/** operation: the hash of its outputs in the order of the calls, a part of the batch at a time to keep memory small. */
class Outputs {
  pending = new Map();
  parts = new Map();
  elements = 0;

  add(name, ...outputs) {
    if (!this.pending.has(name)) this.pending.set(name, []);
    const list = this.pending.get(name);
    for (const output of outputs) list.push(typeof output === 'number' ? bitsOfNumber(output) : bitsOf(output));
  }

  async flush() {
    for (const [name, list] of this.pending) {
      const words = joined(list);
      if (name !== 'inputs') this.elements += words.length;
      this.parts.set(name, (this.parts.get(name) ?? '') + (await sha256(words)));
    }
    this.pending.clear();
  }
}

async function sha256(words) {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', words));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function joined(list) {
  const words = new Uint32Array(list.reduce((length, bits) => length + bits.length, 0));
  let at = 0;
  for (const bits of list) {
    words.set(bits, at);
    at += bits.length;
  }
  return words;
}

/**
 * Runs the batch.
 *
 * @param engine an engine of softmax-simd
 * @returns `hash`: SHA-256 of `parts`; `parts`: SHA-256 of the outputs of each operation, and of the inputs, so that a
 *   difference has a name; `elements`: 32-bit words of output hashed
 */
export async function hashOf(engine) {
  const outputs = new Outputs();
  for (const cols of COLUMNS) {
    const rows = cols > 200 ? 17 : 31;
    runRows(engine, outputs, hard(rows, cols), cols, [...TEMPERATURES, ...MORE_TEMPERATURES]);
    runCrossEntropy(engine, outputs, hard(rows, cols), cols, EVERY_OPTION);
    runCrossEntropy(engine, outputs, normal(rows * cols, cols + 1), cols, EVERY_OPTION);
    if (cols <= 100) runJacobian(engine, outputs, cols);
    await outputs.flush();
  }
  for (const [rows, cols] of MANY_ROWS) {
    runRows(engine, outputs, normal(rows * cols, cols), cols, TEMPERATURES);
    runCrossEntropy(engine, outputs, normal(rows * cols, cols), cols, FEW_OPTIONS);
    await outputs.flush();
  }
  for (const cols of STAGED) {
    runRows(engine, outputs, hard(4, cols), cols, TEMPERATURES);
    runCrossEntropy(engine, outputs, normal(3 * cols, cols), cols, FEW_OPTIONS);
    await outputs.flush();
  }
  runRows(engine, outputs, normal(2 * STREAMED, STREAMED), STREAMED, TEMPERATURES);
  await outputs.flush();
  runRows(engine, outputs, normal(STREAMED, 5, 2 ** -13, -400), STREAMED, [1]);
  runCrossEntropy(engine, outputs, normal(2 * STREAMED, STREAMED), STREAMED, FEW_OPTIONS);
  await outputs.flush();

  /** @type {Record<string, string>} */
  const parts = {};
  for (const [name, hashes] of outputs.parts) parts[name] = await sha256(new TextEncoder().encode(hashes));
  const text = Object.entries(parts).map(([name, hash]) => `${name} ${hash}\n`);
  return { hash: await sha256(new TextEncoder().encode(text.join(''))), parts, elements: outputs.elements };
}

/** The outputs of an operation on these inputs, hashed under its name. */
function add(engine, outputs, op, inputs, cols, options) {
  const result = engine[op.name](...inputs, cols, options);
  outputs.add(op.name, ...Object.values(returned(op, result)));
}

const ROW_OPS = OPS.filter(({ inputs: [first] }) => first.holds === 'logits').filter((op) => !takesTargets(op));
const DERIVATIVES = OPS.filter(({ inputs: [first, second] }) => first.holds !== 'logits' && second !== undefined);
const SQUARES = OPS.filter(({ inputs }) => inputs.length === 1 && inputs[0].holds === 'probs');

function runRows(engine, outputs, logits, cols, temperatures) {
  const tangent = normal(logits.length, cols + 2, 2 ** -15);
  const probs = positive(logits.length, cols + 3);
  const logProbs = normal(logits.length, cols + 4, 2 ** -14, -8);
  outputs.add('inputs', logits, tangent, probs, logProbs);
  const held = { logits, vector: tangent };
  for (const temperature of temperatures) {
    for (const op of ROW_OPS) {
      const inputs = op.inputs.map(({ holds }) => held[holds]);
      add(engine, outputs, op, inputs, cols, op.options.includes('temperature') ? { temperature } : {});
    }
  }
  runDecisions(engine, outputs, logits, cols);
  for (const op of DERIVATIVES) {
    const ofProbs = op.inputs[0].holds === 'probs';
    add(engine, outputs, op, [ofProbs ? probs : logProbs, tangent], cols);
    add(engine, outputs, op, ofProbs ? [tangent, logits] : [logits, tangent], cols);
  }
}

const STAGES = [{}, { topK: 20, temperature: 0.7 }, { topP: 0.9 }, { minP: 0.01, topP: 0.8, temperature: 3 }];

/** Of integers the bits, too: tokens and columns are the same everywhere, the arithmetic being that of float64 alone. */
function runDecisions(engine, outputs, logits, cols) {
  outputs.add('argmax', engine.argmax(logits, cols));
  const { values, indices } = engine.topK(logits, cols, Math.min(cols, 9));
  outputs.add('topK', values, indices);
  const history = Int32Array.of(0, cols - 1, cols >> 1);
  for (const stages of STAGES) {
    const options = { ...stages, history, repetitionPenalty: 1.25, frequencyPenalty: 0.5 };
    outputs.add('filterLogits', engine.filterLogits(logits, cols, options));
    const { tokens, logProbs } = engine.sample(logits, cols, { ...options, seed: cols, logProbsOf: 'filtered' });
    outputs.add('sample', tokens, logProbs);
  }
}

function runJacobian(engine, outputs, cols) {
  const probs = positive(3 * cols, cols + 5);
  outputs.add('inputs', probs);
  for (const op of SQUARES) add(engine, outputs, op, [probs], cols);
}

const ALL = { labelSmoothing: 0.1, weighted: true, zLoss: 0.01, scale: 3, temperature: 0.7 };

/** Options of cross-entropy; `weighted` stands for classWeights. */
const EVERY_OPTION = [
  {},
  { reduction: 'sum' },
  { reduction: 'none' },
  { ignoreIndex: 0 },
  { labelSmoothing: 0.1 },
  { labelSmoothing: 1 },
  { weighted: true },
  { zLoss: 0.01 },
  { scale: 1 / 3 },
  { temperature: 0.7 },
  { temperature: 100 },
  { weighted: true, labelSmoothing: 0.1, reduction: 'none' },
  { weighted: true, zLoss: 0.01, temperature: 1.3 },
  ALL,
  { ...ALL, ignoreIndex: 0, reduction: 'sum' },
  { ...ALL, reduction: 'none' },
];
const FEW_OPTIONS = [{}, ALL];

function runCrossEntropy(engine, outputs, logits, cols, optionSets) {
  const rows = logits.length / cols;
  // every fifth row ignored, every other label the row's largest logit
  const labels = classes(rows, cols, cols + 6).map((label, r) => {
    if (r % 5 === 4) return -100;
    return r % 2 === 0 ? largest(logits.subarray(r * cols, (r + 1) * cols)) : label;
  });
  const soft = positive(logits.length, cols + 7).map((v) => v / cols);
  const oneHot = new Float32Array(logits.length);
  for (let r = 0; r < rows; r++) oneHot[r * cols + Math.max(0, labels[r])] = 1;
  const classWeights = positive(cols, cols + 8);
  outputs.add('inputs', logits, Float32Array.from(labels), soft, oneHot, classWeights);
  const kinds = { 'class indices': labels, 'soft targets': soft, 'one-hot targets': oneHot };
  for (const [kind, targets] of Object.entries(kinds)) {
    for (const { weighted, ignoreIndex, ...others } of optionSets) {
      const losses = new Float32Array(rows);
      const lse = new Float32Array(rows);
      const options = { ...others, ...(weighted ? { classWeights } : {}) };
      if (ignoreIndex !== undefined && targets === labels) options.ignoreIndex = ignoreIndex;
      const indices = options.ignoreIndex === undefined ? targets : targets.map((t) => Math.max(t, 0));
      const fused = engine.crossEntropyWithGrad(logits, indices, cols, { ...options, losses, lse });
      outputs.add(`crossEntropyWithGrad, ${kind}`, fused.loss, fused.dlogits, losses, lse);
      outputs.add(`crossEntropy, ${kind}`, engine.crossEntropy(logits, indices, cols, options));
      outputs.add(`crossEntropyGrad, ${kind}`, engine.crossEntropyGrad(logits, indices, cols, options));
    }
  }
}

function largest(row) {
  let top = 0;
  for (let c = 1; c < row.length; c++) if (row[c] > row[top]) top = c;
  return top;
}
