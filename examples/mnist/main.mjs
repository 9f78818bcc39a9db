import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createEngine } from 'softmax-simd';
import { loadMnist } from './data.mjs';
import { Model } from './model.mjs';
import { Network } from './network.mjs';
import { writeNpy } from './npy.mjs';
import { writePageModel } from './page-model.mjs';
import { drawPicture } from './picture.mjs';
import { startProgress } from './progress.mjs';
import { BATCH, CLASSES, evaluate, Stopwatch, trainEpoch } from './train.mjs';

const OUT = fileURLToPath(new URL('../../out/mnist/', import.meta.url));
const ACCURACY_WANTED = 0.92;

const HELP = `Trains a classifier on MNIST, with crossEntropyWithGrad as its loss: multinomial logistic regression,
or a network with one hidden layer.

Usage: npm start -- [--tier auto|relaxed|simd|scalar] [--epochs N] [--hidden N [--page FILE]]

  --tier TIER    what computes (default auto: the fastest that runs here)
  --epochs N     how often each digit is seen (default 10)
  --hidden N     units of the hidden layer (default 0: none)
  --page FILE    also writes the network, in 8 bits, as JSON for examples/demo

Writes logits, probabilities, labels and weights (.npy) and a picture (.svg) to out/mnist.
Exit code: 0; 1 when fewer than ${100 * ACCURACY_WANTED} % of the test digits are recognised; 2 for a wrong flag.`;

process.exitCode = await main();

async function main() {
  const options = readOptions();
  if (options === null) return 2;
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const begin = performance.now();
  const { train, test } = loadMnist();
  console.log(`MNIST: ${train.count} training digits, ${test.count} test digits`);
  const { engine, epochs, hidden, page } = options;
  console.log(`tier: ${engine.tier}${engine.reason === null ? '' : ` (${engine.reason})`}`);

  const stopwatch = new Stopwatch();
  const { model, curve, result } = trainModel(engine, train, test, epochs, hidden, stopwatch);
  const seconds = (performance.now() - begin) / 1000;
  save(model, test, result);
  writeFileSync(resolve(OUT, 'mnist.svg'), await drawPicture({ curve, test, result, tier: engine.tier }));

  const share = (stopwatch.milliseconds / 10 / seconds).toFixed(1);
  console.log(`test loss: ${result.loss}`);
  console.log(
    `test accuracy: ${percent(result.accuracy)} in ${seconds.toFixed(1)} s on ${availableParallelism()} cores`,
  );
  console.log(`time in softmax-simd: ${stopwatch.milliseconds.toFixed(0)} ms, ${share} % of all`);
  console.log(`wrote ${relative(process.cwd(), OUT)}/: logits.npy probs.npy labels.npy weights.npy mnist.svg`);
  if (page !== undefined && model instanceof Network) {
    const written = writePageModel(page, engine, model, test);
    console.log(`wrote ${page}: test accuracy ${percent(written.accuracy)}, test loss ${written.loss.toFixed(4)}`);
  }
  if (result.accuracy >= ACCURACY_WANTED) return 0;
  console.error(`expected a test accuracy of at least ${percent(ACCURACY_WANTED)}`);
  return 1;
}

function readOptions() {
  const options = /** @type {const} */ ({
    tier: { type: 'string', default: 'auto' },
    epochs: { type: 'string', default: '10' },
    hidden: { type: 'string', default: '0' },
    page: { type: 'string' },
    help: { type: 'boolean', default: false },
  });
  try {
    const { tier, epochs, hidden, page, help } = parseArgs({ options }).values;
    if (!/^[1-9]\d{0,3}$/.test(epochs)) throw new Error(`expected --epochs to be in [1, 9999], got ${epochs}`);
    if (!/^(0|[1-9]\d{0,2})$/.test(hidden)) throw new Error(`expected --hidden to be in [0, 999], got ${hidden}`);
    if (page !== undefined && hidden === '0') throw new Error('expected --page with --hidden, got it alone');
    const name = /** @type {'auto' | import('softmax-simd').Tier} */ (tier);
    const engine = createEngine({ tier: name, arenaBytes: 1 << 16 });
    return { engine, epochs: Number(epochs), hidden: Number(hidden), page, help };
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return null;
  }
}

/**
 * @param {import('softmax-simd').Engine} engine
 * @param {import('./data.mjs').Digits} train
 * @param {import('./data.mjs').Digits} test
 * @param {number} epochs
 * @param {number} hidden
 * @param {Stopwatch} stopwatch
 */
function trainModel(engine, train, test, epochs, hidden, stopwatch) {
  const model = hidden === 0 ? new Model(train.features, CLASSES) : new Network(train.features, hidden, CLASSES);
  const batches = Math.ceil(train.count / BATCH);
  let result = evaluate(engine, model, test, stopwatch);
  /** @type {import('./picture.mjs').Curve} */
  const curve = { train: [], test: [] };
  for (let epoch = 0; epoch < epochs; epoch++) {
    const title = `epoch ${String(epoch + 1).padStart(String(epochs).length)}/${epochs}`;
    const progress = startProgress(title, batches);
    let sum = 0;
    /** @param {number} batch @param {number} loss */
    const onBatch = (batch, loss) => {
      sum += loss;
      curve.train.push({ epoch: epoch + (batch + 1) / batches, loss });
      progress.update(batch + 1, loss);
    };
    trainEpoch(engine, model, train, { epoch, epochs, stopwatch, onBatch });
    result = evaluate(engine, model, test, stopwatch);
    progress.stop();
    curve.test.push({ epoch: epoch + 1, loss: result.loss });
    const losses = `training loss ${(sum / batches).toFixed(4)}  test loss ${result.loss.toFixed(4)}`;
    console.log(`${title}  ${losses}  test accuracy ${percent(result.accuracy)}`);
  }
  return { model, curve, result };
}

/**
 * @param {Model | Network} model
 * @param {import('./data.mjs').Digits} test
 * @param {ReturnType<typeof evaluate>} result
 */
function save(model, test, { logits, probs }) {
  mkdirSync(OUT, { recursive: true });
  writeNpy(resolve(OUT, 'logits.npy'), logits, [test.count, CLASSES]);
  writeNpy(resolve(OUT, 'probs.npy'), probs, [test.count, CLASSES]);
  writeNpy(resolve(OUT, 'labels.npy'), test.labels, [test.count]);
  writeNpy(resolve(OUT, 'weights.npy'), model.weights, [model.weights.length / CLASSES, CLASSES]);
  if (model instanceof Network) {
    writeNpy(resolve(OUT, 'hidden-weights.npy'), model.lower, [model.features + 1, model.hidden]);
  }
}

/** @param {number} share */
function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}
