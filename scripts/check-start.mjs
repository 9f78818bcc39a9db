// Runs `npm start` on each tier named (default: auto), then the command line over the files that it wrote:
// the same tier must give the same probabilities bit for bit and the loss that the training printed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'out/mnist');
const MAIN = join(ROOT, 'dist/cli/main.js');
const SECONDS_ALLOWED = 60;

const tiers = process.argv.length > 2 ? process.argv.slice(2) : ['auto'];
for (const tier of tiers) check(tier);

/** @param {string} tier */
function check(tier) {
  const begin = performance.now();
  const printed = run('examples/mnist/main.mjs', '--tier', tier);
  const seconds = (performance.now() - begin) / 1000;
  process.stdout.write(printed);
  if (seconds > SECONDS_ALLOWED)
    throw new Error(`npm start took ${seconds.toFixed(1)} s, more than ${SECONDS_ALLOWED}`);
  const used = find(printed, /^tier: (\w+)/m);
  if (tier !== 'auto') expectEqual('tier', used, tier);

  const folder = mkdtempSync(join(tmpdir(), 'softmax-simd-'));
  try {
    const probs = join(folder, 'probs.npy');
    run(MAIN, 'softmax', join(OUT, 'logits.npy'), '-o', probs, '--tier', used);
    if (!readFileSync(probs).equals(readFileSync(join(OUT, 'probs.npy'))))
      throw new Error(`${used}: probs.npy differs`);
    const files = [join(OUT, 'logits.npy'), '--targets', join(OUT, 'labels.npy')];
    const loss = run(MAIN, 'cross-entropy', ...files, '--tier', used).trim();
    expectEqual('test loss', loss, find(printed, /^test loss: (.*)$/m));
    // The mean cross-entropy of probabilities that are read back is the same but for their rounding to f32.
    expectClose('-log of probs.npy', meanLoss(probs, join(OUT, 'labels.npy')), Number(loss));
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(`${used}: the command line agrees with npm start`);
}

/** @param {string[]} args */
function run(...args) {
  return execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
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
