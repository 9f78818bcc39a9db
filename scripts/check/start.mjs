// Runs `npm start` on each tier, relaxed on a Node that has it, then the command line over the files that it wrote: the
// same tier must give the same probabilities bit for bit and the loss that the training printed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { relaxedNode } from '../install.mjs';

const OUT = 'out/mnist';
const MAIN = 'dist/cli/main.js';
const TIERS = ['simd', 'scalar', 'relaxed'];
const SECONDS_ALLOWED = 60;

/** @param {import('../check.mjs').Asked} asked */
export function run({ words }) {
  for (const tier of words.length > 0 ? words : TIERS) {
    const node = tier === 'relaxed' ? relaxedNode() : process.execPath;
    if (node === null) throw new Error('relaxed: this Node lacks it, and Node 24 cannot be had here');
    check(tier, node);
  }
}

/** @param {string} tier @param {string} node */
function check(tier, node) {
  const program = (/** @type {string[]} */ ...args) =>
    execFileSync(node, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const begin = performance.now();
  const printed = program('examples/mnist/main.mjs', '--tier', tier);
  const seconds = (performance.now() - begin) / 1000;
  process.stdout.write(printed);
  if (seconds > SECONDS_ALLOWED)
    throw new Error(`npm start took ${seconds.toFixed(1)} s, more than ${SECONDS_ALLOWED}`);
  expectEqual('tier', find(printed, /^tier: (\w+)/m), tier);

  const folder = mkdtempSync(join(tmpdir(), 'softmax-simd-'));
  try {
    const probs = join(folder, 'probs.npy');
    program(MAIN, 'softmax', join(OUT, 'logits.npy'), '-o', probs, '--tier', tier);
    if (!readFileSync(probs).equals(readFileSync(join(OUT, 'probs.npy'))))
      throw new Error(`${tier}: probs.npy differs`);
    const files = [join(OUT, 'logits.npy'), '--targets', join(OUT, 'labels.npy')];
    const loss = program(MAIN, 'cross-entropy', ...files, '--tier', tier).trim();
    expectEqual('test loss', loss, find(printed, /^test loss: (.*)$/m));
    // The mean cross-entropy of probabilities that are read back is the same but for their rounding to f32.
    expectClose('-log of probs.npy', meanLoss(probs, join(OUT, 'labels.npy')), Number(loss));
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(`${tier}: the command line agrees with npm start`);
}

/** @param {string} probsPath @param {string} labelsPath */
function meanLoss(probsPath, labelsPath) {
  const probs = readFileSync(probsPath);
  const labels = readFileSync(labelsPath);
  const [rows, cols] = [10_000, 10];
  const probsStart = probs.length - 4 * rows * cols;
  const labelsStart = labels.length - 4 * rows;
  let sum = 0;
  for (let r = 0; r < rows; r++) {
    const label = labels.readInt32LE(labelsStart + 4 * r);
    sum -= Math.log(probs.readFloatLE(probsStart + 4 * (r * cols + label)));
  }
  return sum / rows;
}

/** @param {string} text @param {RegExp} pattern */
function find(text, pattern) {
  const found = pattern.exec(text);
  if (found === null) throw new Error(`expected npm start to print ${pattern}`);
  return found[1];
}

/** @param {string} what @param {string} got @param {string} expected */
function expectEqual(what, got, expected) {
  if (got !== expected) throw new Error(`expected ${what} to be ${expected}, got ${got}`);
}

/** @param {string} what @param {number} got @param {number} expected */
function expectClose(what, got, expected) {
  if (!(Math.abs(got - expected) <= 1e-6 * expected)) throw new Error(`expected ${what} to be ${expected}, got ${got}`);
}
