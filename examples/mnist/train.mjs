import { shuffled } from './random.mjs';

/**
 * @typedef {import('softmax-simd').Engine} Engine
 * @typedef {import('./data.mjs').Digits} Digits
 * @typedef {import('./model.mjs').Model} Model
 * @typedef {import('./network.mjs').Network} Network
 */

export const CLASSES = 10;
export const BATCH = 100;

/** Adds up the time spent in this library. */
export class Stopwatch {
  milliseconds = 0;

  /**
   * @template T
   * @param {() => T} work
   * @returns {T}
   */
  time(work) {
    const begin = performance.now();
    const result = work();
    this.milliseconds += performance.now() - begin;
    return result;
  }
}

/**
 * Trains `model` for one epoch: every digit once, in minibatches, in an order of its own.
 *
 * @param {Engine} engine
 * @param {Model | Network} model
 * @param {Digits} digits
 * @param {object} how
 * @param {number} how.epoch             from 0
 * @param {number} how.epochs            of the whole training: the learning rate falls to 0 over them
 * @param {Stopwatch} how.stopwatch
 * @param {(batch: number, loss: number) => void} how.onBatch
 */
export function trainEpoch(engine, model, digits, { epoch, epochs, stopwatch, onBatch }) {
  const order = shuffled(digits.count, epoch);
  const batches = Math.ceil(digits.count / BATCH);
  // Arrays from alloc live in the engine's memory: its functions then copy nothing.
  const logits = engine.alloc(BATCH * CLASSES);
  const labels = engine.allocInt32(BATCH);
  for (let batch = 0; batch < batches; batch++) {
    const rows = order.subarray(batch * BATCH, (batch + 1) * BATCH);
    const x = logits.subarray(0, rows.length * CLASSES);
    const targets = labels.subarray(0, rows.length);
    for (let i = 0; i < rows.length; i++) targets[i] = digits.labels[rows[i]];

    model.forward(digits.ink, rows, x);
    // The gradient takes the place of the logits.
    const { loss, dlogits } = stopwatch.time(() => engine.crossEntropyWithGrad(x, targets, CLASSES, { out: x }));
    model.backward(digits.ink, rows, dlogits);
    model.step(learningRate((epoch * batches + batch) / (epochs * batches)));
    onBatch(batch, loss);
  }
  engine.free(labels);
  engine.free(logits);
}

/**
 * Logits, probabilities, mean loss and share of right answers over all `digits`.
 *
 * @param {Engine} engine
 * @param {Model | Network} model
 * @param {Digits} digits
 * @param {Stopwatch} stopwatch
 */
export function evaluate(engine, model, digits, stopwatch) {
  const logits = new Float32Array(digits.count * CLASSES);
  model.forward(
    digits.ink,
    Uint32Array.from({ length: digits.count }, (_, r) => r),
    logits,
  );
  const loss = stopwatch.time(() => engine.crossEntropy(logits, digits.labels, CLASSES));
  const probs = stopwatch.time(() => engine.softmax(logits, CLASSES));
  const predicted = Int32Array.from(digits.labels, (_, r) => argmax(probs, r * CLASSES));
  const right = predicted.reduce((sum, digit, r) => sum + (digit === digits.labels[r] ? 1 : 0), 0);
  return { logits, probs, predicted, loss, accuracy: right / digits.count };
}

/** @param {number} progress in [0, 1): falls along half a cosine */
function learningRate(progress) {
  return 0.002 * (1 + Math.cos(Math.PI * progress));
}

/**
 * @param {Float32Array} values
 * @param {number} start
 */
function argmax(values, start) {
  let best = 0;
  for (let c = 1; c < CLASSES; c++) if (values[start + c] > values[start + best]) best = c;
  return best;
}
