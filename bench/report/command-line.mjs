import { shapeName } from '../shapes.mjs';
import { three } from './figures.mjs';
import { table } from './table.mjs';

/** What docs/batch.md shows of bench/results/cli.json: the command line beside `cat`, the kernel alone and NumPy. */

/** @type {Record<string, string>} */
const PROGRAMS = {
  kernel: 'kernel alone, on one block in memory',
  cat: '`cat in.npy > out.npy`',
  cli: '`softmax-simd softmax`',
  'cli all': '`softmax-simd softmax --threads`, all',
  'cli pipe': '`cat | softmax-simd softmax | cat`',
  'cat one core': '`cat in.npy > out.npy` on one core',
  'cli one core': '`softmax-simd softmax` on one core',
  numpy: 'NumPy, the whole file, on one core',
  'numpy parts': 'NumPy, in parts, on one core',
};
/** Of the slower of kernel and `cat`; and times NumPy. */
const GOALS = { share: 0.8, numpy: 5 };

/** @param {any} record */
export function commandLineOf(record) {
  const { cpu, system, runtime, tier, numpy, pinned, rows, cols, results, command, commit, date } = record;
  const gigabytes = (4 * rows * cols) / 1e9;
  const python = numpy === null ? 'no NumPy' : `NumPy ${numpy}`;
  const shape = shapeName({ id: '', use: '', rows, cols });
  const cells = results.map(({ program, min, p50 }) => [
    PROGRAMS[program],
    `${three(min / 1e9)} (${three(p50 / 1e9)})`,
    three(gigabytes / (min / 1e9)),
  ]);
  return [
    `${cpu}, ${system}, ${runtime.name}, tier \`${tier}\`, ${python}, ${shape} (${gigabytes.toFixed(2)} GB), ${results[0].samples} turns${pinned ? '' : ', where nothing holds a program on one core'}; \`${command}\`, commit ${commit}, ${date}.`,
    table(['program', 'seconds, minimum (median)', 'GB/s'], cells),
    table(['ratio of speeds', 'by minima', 'by medians', 'goal'], ratiosOf(results)),
  ].join('\n\n');
}

/** @param {any[]} results */
function ratiosOf(results) {
  const time = (/** @type {string} */ program, /** @type {string} */ which) =>
    results.find((r) => r.program === program)?.[which] ?? NaN;
  const percent = (/** @type {number} */ v) => `${Math.round(100 * v)} %`;
  const times = (/** @type {number} */ v) => (Number.isNaN(v) ? '-' : `${v.toFixed(1)}×`);
  const share = (/** @type {string} */ cli, /** @type {string} */ cat) => (/** @type {string} */ which) =>
    percent(Math.max(time('kernel', which), time(cat, which)) / time(cli, which));
  const over = (/** @type {string} */ peer) => (/** @type {string} */ which) =>
    times(time(peer, which) / time('cli one core', which));
  /** @type {[string, (which: string) => string, string][]} */
  const lines = [
    ['command line to the slower of kernel and `cat`', share('cli', 'cat'), percent(GOALS.share)],
    ['… on one core, where all three take turns', share('cli one core', 'cat one core'), '-'],
    ['command line to NumPy, the whole file, on one core', over('numpy'), `${GOALS.numpy}×`],
    ['command line to NumPy, in parts, on one core', over('numpy parts'), `${GOALS.numpy}×`],
  ];
  return lines.map(([what, ratio, goal]) => [what, ratio('min'), ratio('p50'), goal]);
}
