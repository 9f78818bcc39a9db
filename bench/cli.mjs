// The command line from file to file in the page cache, beside `cat`, the kernel alone and NumPy (Debian's python3-numpy).
//
//   npm run build && node bench/cli.mjs       3 minutes: bench/results/cli.json, the table of docs/batch.md
//   node bench/cli.mjs --quick                a small file in seconds: out/bench/cli.json
//   node bench/cli.mjs --rows 524288          another shape, recorded as well; so are --cols and --dir
//   node bench/cli.mjs --times 2              fewer turns, in out/bench/cli.json
//
// All take turns. The folder is to be a memory file system, as Linux writes other files back while it is timed.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createEngine } from '../dist/index.js';
import { logitsOf, NPY_HEADER_BYTES, writeNpy } from './logits.mjs';
import { progressBar } from './progress.mjs';
import { rounded } from './record.mjs';
import { keep } from './render.mjs';
import { memoryFolder } from './ways/batch.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
process.chdir(ROOT);
const CLI = path.join(ROOT, 'dist/cli/main.js');
const NUMPY = path.join(ROOT, 'bench/numpy-softmax.py');
const PYTHON = '/usr/bin/python3';
/** As much as the command line computes at once. */
const BLOCK_ELEMENTS = 1 << 19;
/** NumPy rounds x − max to f32: far below the max that is some 1e-6 of the result. */
const AGREE = 1e-5;
const CHECKED_ROWS = 100;

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rows: { type: 'string' },
    cols: { type: 'string' },
    times: { type: 'string' },
    dir: { type: 'string' },
  },
});
const whole = !flags.quick && flags.times === undefined;
const rows = Number(flags.rows ?? (flags.quick ? 4096 : 262_144));
const cols = Number(flags.cols ?? 1000);
const times = Number(flags.times ?? (flags.quick ? 2 : 7));
const begin = performance.now();
const pinned = spawnSync('taskset', ['-c', '0', 'true']).status === 0;
const numpy = versionOfNumPy();
const threads = availableParallelism();
const engine = createEngine({ arenaBytes: 8 * BLOCK_ELEMENTS + 64 });
const kernel = makeKernel();
const folder = memoryFolder(flags.dir);
const file = (/** @type {string} */ name) => path.join(folder, name);

/** @type {Record<string, () => unknown>} */
const programs = {
  kernel,
  cat: () => run('sh', '-c', 'cat in.npy > out.npy'),
  cli: () => softmax(),
  'cli all': () => softmax('--threads', String(threads)),
  'cli pipe': () => run('sh', '-c', 'cat in.npy | "$0" "$1" softmax -q | cat > out.npy', process.execPath, CLI),
  'cat one core': () => onOneCore('sh', '-c', 'cat in.npy > out.npy'),
  'cli one core': () => onOneCore(process.execPath, CLI, 'softmax', 'in.npy', '-o', 'out.npy', '-q'),
  ...(numpy === null ? {} : { numpy: () => onOneCore(PYTHON, NUMPY, 'in.npy', 'out.npy') }),
  ...(numpy === null ? {} : { 'numpy parts': () => onOneCore(PYTHON, NUMPY, 'in.npy', 'out.npy', 'parts') }),
};

const bar = progressBar('cli');
try {
  writeNpy(file('in.npy'), rows, cols);
  checkAgreement();
  const results = measure();
  bar.stop();
  await keep('cli', whole, {
    command: `node bench/cli.mjs ${process.argv.slice(2).join(' ')}`.trim(),
    seconds: Math.round((performance.now() - begin) / 1000),
    tier: engine.tier,
    threads,
    numpy,
    pinned,
    rows,
    cols,
    results,
  });
} finally {
  bar.stop();
  rmSync(folder, { recursive: true });
}

function versionOfNumPy() {
  const { status, stdout } = spawnSync(PYTHON, ['-c', 'import numpy; print(numpy.__version__)'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

/** The function on a block in its own memory, as often as the file has such blocks. */
function makeKernel() {
  const blockRows = Math.min(rows, Math.max(1, Math.floor(BLOCK_ELEMENTS / cols)));
  const [block, out] = [engine.alloc(blockRows * cols), engine.alloc(blockRows * cols)];
  block.set(logitsOf(blockRows, cols));
  return () => {
    for (let row = 0; row < rows; row += blockRows) engine.softmax(block, cols, { out });
  };
}

function run(/** @type {string} */ command, /** @type {string[]} */ ...args) {
  execFileSync(command, args, { cwd: folder });
}

function softmax(/** @type {string[]} */ ...more) {
  run(process.execPath, CLI, 'softmax', 'in.npy', '-o', 'out.npy', '-q', ...more);
}

function onOneCore(/** @type {string[]} */ ...command) {
  const [first, ...rest] = pinned ? ['taskset', '-c', '0', ...command] : command;
  execFileSync(first, rest, { cwd: folder, env: { ...process.env, OMP_NUM_THREADS: '1' } });
}

/** What is compared must do the same. */
function checkAgreement() {
  const size = statSync(file('in.npy')).size;
  const bytes = Buffer.alloc(4 * cols * Math.min(CHECKED_ROWS, rows));
  const places = [0, 0.5, 1].map((share) => Math.floor(share * (rows - bytes.length / 4 / cols)));
  const partsOf = (/** @type {string} */ name) => {
    const fd = openSync(file(name), 'r');
    const parts = places.map((row) => {
      readSync(fd, bytes, 0, bytes.length, NPY_HEADER_BYTES + 4 * cols * row);
      return new Float32Array(Uint8Array.from(bytes).buffer);
    });
    closeSync(fd);
    return parts;
  };
  const expected = partsOf('in.npy').map((logits) => engine.softmax(logits, cols));
  for (const name of Object.keys(programs).filter((id) => !/^kernel|^cat/.test(id))) {
    rmSync(file('out.npy'), { force: true });
    programs[name]();
    if (statSync(file('out.npy')).size !== size) throw new Error(`${name}: another size`);
    const far = name.startsWith('numpy') ? AGREE : 0;
    partsOf('out.npy').forEach((values, p) =>
      values.forEach((value, i) => {
        const want = expected[p][i];
        if (!(Math.abs(value - want) <= far * want + (far > 0 ? 1e-37 : 0))) {
          throw new Error(`${name}: ${value}, the function: ${want}`);
        }
      }),
    );
  }
}

/** Nanoseconds a program, start and end included. */
function measure() {
  const names = Object.keys(programs);
  const ns = names.map(() => /** @type {number[]} */ ([]));
  for (let turn = 0; turn < times; turn++) {
    names.forEach((name, k) => {
      bar.update((turn + k / names.length) / times, name);
      rmSync(file('out.npy'), { force: true });
      const start = performance.now();
      programs[name]();
      ns[k].push(1e6 * (performance.now() - start));
    });
  }
  return names.map((program, k) => {
    const sorted = ns[k].sort((a, b) => a - b);
    return { program, ...rounded({ min: sorted[0], p50: sorted[sorted.length >> 1], samples: sorted.length }) };
  });
}
