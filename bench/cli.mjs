// The command line over a file in the page cache, beside `cat`, the kernel alone and NumPy (Debian's python3-numpy).
//
//   node bench/cli.mjs [--rows 262144] [--cols 1000] [--times 5] [--dir /dev/shm] [--out bench/results/cli.json]
//
// The folder is to be a memory file system, as Linux writes other files back while it is timed.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createEngine } from '../dist/index.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'dist/cli/main.js');
const NUMPY = join(ROOT, 'bench/numpy-softmax.py');
const BLOCK_ROWS = 4096;
/** NumPy rounds x − max to f32: far below the max that is some 1e-6 of the result. */
const AGREE = 1e-5;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '262144' },
    cols: { type: 'string', default: '1000' },
    times: { type: 'string', default: '5' },
    dir: { type: 'string' },
    out: { type: 'string' },
  },
});
const [rows, cols, times] = [values.rows, values.cols, values.times].map(Number);
const place = values.dir ?? (spawnSync('test', ['-d', '/dev/shm']).status === 0 ? '/dev/shm' : tmpdir());
const folder = mkdtempSync(join(place, 'softmax-simd-bench-'));
const file = (name) => join(folder, name);
const gigabytes = (4 * rows * cols) / 1e9;

try {
  writeLogits(file('in.npy'));
  const programs = {
    cat: () => execFileSync('sh', ['-c', 'cat in.npy > out.npy'], { cwd: folder }),
    'softmax-simd': () => cli('softmax', 'in.npy', '-o', 'out.npy'),
    'softmax-simd --threads 2': () => cli('softmax', 'in.npy', '-o', 'out.npy', '--threads', '2'),
    'softmax-simd on one core': () => oneCore(process.execPath, CLI, 'softmax', 'in.npy', '-o', 'out.npy', '-q'),
    'NumPy on one core': () => oneCore('/usr/bin/python3', NUMPY, 'in.npy', 'out.npy'),
    'NumPy in parts on one core': () => oneCore('/usr/bin/python3', NUMPY, 'in.npy', 'out.npy', 'parts'),
    'cat | softmax-simd | cat': () =>
      execFileSync('sh', ['-c', 'cat in.npy | "$0" "$1" softmax -q | cat > /dev/null', process.execPath, CLI], {
        cwd: folder,
      }),
  };
  checkAgreement(programs);
  const seconds = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let i = 0; i < times; i++) {
    for (const [name, program] of Object.entries(programs)) {
      rmSync(file('out.npy'), { force: true });
      seconds[name].push(time(program));
    }
  }
  report(seconds, kernelRate());
} finally {
  rmSync(folder, { recursive: true });
}

function cli(...args) {
  execFileSync(process.execPath, [CLI, ...args, '-q'], { cwd: folder });
}

function oneCore(...command) {
  execFileSync('taskset', ['-c', '0', ...command], { cwd: folder, env: { ...process.env, OMP_NUM_THREADS: '1' } });
}

function time(program) {
  const begin = performance.now();
  program();
  return (performance.now() - begin) / 1000;
}

/** Normally distributed logits of deviation 4, the same block again and again. */
function writeLogits(path) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${cols}), }`.padEnd(117) + '\n';
  const fd = openSync(path, 'w');
  writeSync(fd, Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'), Buffer.from(text, 'latin1')]));
  const block = Buffer.from(logits(Math.min(BLOCK_ROWS, rows) * cols).buffer);
  for (let left = 4 * rows * cols; left > 0; left -= block.length) {
    writeSync(fd, block, 0, Math.min(left, block.length));
  }
  closeSync(fd);
}

function logits(count) {
  let state = 1;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  return Float32Array.from(
    { length: count },
    () => 4 * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random()),
  );
}

/** What is compared must do the same. */
function checkAgreement(programs) {
  const part = (name) => {
    programs[name]();
    if (statSync(file('out.npy')).size !== statSync(file('in.npy')).size) throw new Error(`${name}: another size`);
    const bytes = Buffer.alloc(4 * cols * 100);
    const fd = openSync(file('out.npy'), 'r');
    const parts = [0, Math.floor(rows / 2), rows - 100].map((row) => {
      readSync(fd, bytes, 0, bytes.length, 128 + 4 * cols * row);
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    });
    closeSync(fd);
    rmSync(file('out.npy'));
    return parts;
  };
  const expected = part('NumPy on one core');
  for (const name of ['softmax-simd', 'softmax-simd --threads 2', 'NumPy in parts on one core']) {
    part(name).forEach((values, p) =>
      values.forEach((value, i) => {
        const other = expected[p][i];
        if (!(Math.abs(value - other) <= AGREE * other + 1e-37)) throw new Error(`${name}: ${value}, NumPy: ${other}`);
      }),
    );
  }
}

/** GB/s of the function alone on a block in its own memory. */
function kernelRate() {
  const engine = createEngine({ arenaBytes: 1 << 22 });
  const blockRows = Math.max(1, Math.floor((1 << 19) / cols));
  const block = engine.alloc(blockRows * cols);
  const out = engine.alloc(blockRows * cols);
  block.set(logits(block.length));
  const samples = Array.from({ length: 300 }, () => time(() => engine.softmax(block, cols, { out })));
  return block.byteLength / 1e9 / median(samples.slice(100));
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function report(seconds, kernel) {
  const { tier } = createEngine();
  const machine = `${cpus()[0].model}, ${cpus().length} cores, Node ${process.version.slice(1)}, tier ${tier}`;
  const lines = Object.entries(seconds).map(([name, all]) => ({
    name,
    seconds: { median: median(all), min: Math.min(...all) },
    gbPerSecond: gigabytes / median(all),
  }));
  const rate = (name) => lines.find((line) => line.name === name).gbPerSecond;
  const slower = Math.min(kernel, rate('cat'));
  const result = {
    machine,
    shape: [rows, cols],
    gigabytes,
    kernelGbPerSecond: kernel,
    lines,
    shareOfSlower: rate('softmax-simd') / slower,
    timesNumPy: rate('softmax-simd') / rate('NumPy on one core'),
    timesNumPyInParts: rate('softmax-simd') / rate('NumPy in parts on one core'),
  };
  console.log(`${machine}: ${rows} x ${cols}, ${gigabytes.toFixed(2)} GB`);
  console.log(`${'kernel'.padEnd(28)} ${''.padStart(16)} ${kernel.toFixed(2).padStart(6)} GB/s`);
  for (const { name, seconds: s, gbPerSecond } of lines) {
    const spread = `${s.median.toFixed(2)} s (${s.min.toFixed(2)})`;
    console.log(`${name.padEnd(28)} ${spread.padStart(16)} ${gbPerSecond.toFixed(2).padStart(6)} GB/s`);
  }
  console.log(`share of the slower of kernel and cat: ${(100 * result.shareOfSlower).toFixed(0)} % (goal 80)`);
  const { timesNumPy, timesNumPyInParts } = result;
  console.log(`times NumPy: ${timesNumPy.toFixed(1)}, in parts: ${timesNumPyInParts.toFixed(1)} (goal 5)`);
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
}
