import { type Call, OPS, type Operand } from '../../calls.js';
import * as inputs from '../../inputs.js';
import * as reference from '../../reference.js';
import { spacing } from '../../ulp.js';

/** A random call of plain rows, and what its results may be off by beside the bound of the operation. */
export interface Drawn {
  call: Call;
  extra: (name: string, i: number) => number;
}

/** Those that the oracle of results has: what is chosen among columns has suites of its own. */
const DRAWN_OPS = OPS.filter((op) => (op.oracle ?? op.name) in reference);
const COLUMNS = [...inputs.COLUMNS, 90, 300, 512, 513, 2000];
const MOST_ELEMENTS = 12_000;

export function drawCall(chance: () => number): Drawn {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)];
  const seed = () => Math.floor(chance() * 2 ** 31);
  const op = pick(DRAWN_OPS);
  const isSquare = op.outputs.some(({ width }) => width === 'square');
  const cols = pick(isSquare ? COLUMNS.filter((n) => n <= 64) : COLUMNS);
  const most = Math.floor(MOST_ELEMENTS / cols / (isSquare ? cols : 1));
  const rows = 1 + Math.floor(chance() * Math.max(1, Math.min(most, 40)));
  const options: Call['options'] = {};
  if (op.options.includes('temperature') && chance() < 0.5) options.temperature = 2 ** (16 * (2 * chance() - 1));
  const labels = inputs.classIndices(rows, cols, seed());
  const isLoss = op.options.includes('zLoss');
  if (isLoss) drawLoss(options, labels, cols, chance, seed);
  const temperature = (options.temperature as number | undefined) ?? 1;
  const arrays = op.inputs.map(({ holds }): Operand => {
    if (holds === 'logits') return drawLogits(rows, cols, temperature, chance, seed());
    if (holds === 'probs') return inputs.softLabels(rows, cols, seed());
    if (holds === 'logProbs') return inputs.uniform(rows * cols, -60, -0.001, seed());
    if (holds === 'targets') return chance() < 0.5 ? labels : inputs.softLabels(rows, cols, seed());
    return inputs.uniform(rows * cols, -2, 2, seed());
  });
  const call = { op, title: op.name, arrays, cols, options };
  return { call, extra: isLoss ? movedByZ(call) : () => 0 };
}

/** Of a width of some temperatures, far from 0 or near it, now and then with masks. */
function drawLogits(rows: number, cols: number, temperature: number, chance: () => number, seed: number) {
  const sigma = temperature * 10 ** (3 * chance() - 1.5);
  const mean = chance() < 0.5 ? 0 : temperature * (chance() - 0.5) * 10 ** (3 * chance());
  const logits = inputs.normal(rows * cols, mean, sigma, seed);
  return logits;
}

function drawLoss(
  options: Call['options'],
  labels: Int32Array,
  cols: number,
  chance: () => number,
  seed: () => number,
): void {
  if (chance() < 0.3) options.labelSmoothing = chance() < 0.2 ? 1 : chance();
  if (chance() < 0.3) options.classWeights = inputs.uniform(cols, 0.1, 3, seed());
  if (chance() < 0.4) options.zLoss = 10 ** (8 * chance() - 6);
  if (chance() < 0.3) options.scale = (chance() < 0.3 ? -1 : 1) * 10 ** (6 * chance() - 3);
  if (chance() < 0.3) {
    const ignored = chance() < 0.5 ? -100 : 0;
    options.ignoreIndex = ignored;
    for (let r = 0; r < labels.length; r++) if (chance() < 0.3) labels[r] = ignored;
  }
}

/** CONTRACT section 3: what lse's own bound moves the z term. */
function movedByZ({ arrays: [logits], cols, options }: Call): Drawn['extra'] {
  const { zLoss = 0, scale = 1, temperature = 1 } = options as Record<string, number | undefined>;
  if (zLoss === 0) return () => 0;
  const lse = reference.logSumExp(logits, cols, temperature);
  const probs = reference.softmax(logits, cols, temperature).values;
  const delta = (r: number) => 4 * spacing(lse.magnitudes![r]);
  return (name, i) => {
    const size = Math.abs(scale) * zLoss;
    if (name === 'losses') return size * (2 * Math.abs(lse.values[i]) + delta(i)) * delta(i);
    return name === 'out' ? (size * 2 * probs[i] * delta(Math.floor(i / cols))) / temperature : 0;
  };
}
