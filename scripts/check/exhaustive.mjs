// Every float32 from −437 to 350 through the exponential of every tier, each with an even and an odd power of two taken
// out, and e^x over all of float32's normal results; then other temperatures and large row maxima by stride. Prints the
// worst input and its error per path; above the bounds of scripts/exp-sweep.mjs it is a failure.
// Runs on this Node where it has relaxed SIMD, else on Node 24. With --stride 101 every 101st float.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { progressBar } from '../../bench/progress.mjs';
import {
  BOUNDS,
  BOUNDS_ANY_TEMPERATURE,
  createSweep,
  floatsIn,
  mergeFindings,
  newFindings,
  shiftedStretches,
  stretches,
  worstOf,
  worstRelative,
} from '../exp-sweep.mjs';
import { relaxedNode } from '../install.mjs';
import { compileNumeric } from '../numeric-module.mjs';
import { softmaxBound } from './softmax-bound.mjs';

/** Floats of a piece of work: a second or two. */
const PIECE = 1 << 24;
/** Of the pieces at T = 1, one in this many goes through the narrow kernels as well. */
const GROUPS = 16;
/** Stride at the other temperatures: an odd number, so that all low bits are met. */
const TEMPERATURE_STRIDE = 4093;
const NAMED_TEMPERATURES = [
  2 ** -16,
  0.01,
  0.0979204684893734,
  0.1,
  1 / 3,
  0.5,
  0.7,
  0.8436816331014891,
  0.97,
  1.7,
  2,
  3,
  10,
  100,
  2 ** 16,
];
const DRAWN_TEMPERATURES = 185;
/** ULP: what the library promises of softmax. */
const SOFTMAX_BOUND = 6;

if (!isMainThread) work();

/** @param {import('../check.mjs').Asked} asked */
export async function run({ stride }) {
  if (!Number.isInteger(stride) || stride < 1) throw new Error('expected --stride to be a positive integer');
  const node = relaxedNode();
  if (node === null) throw new Error('relaxed cannot be swept: this Node lacks it, and Node 24 cannot be had here');
  if (node !== process.execPath) {
    const { status } = spawnSync(node, ['scripts/check.mjs', 'exhaustive', '--stride', `${stride}`, '--built'], {
      stdio: 'inherit',
    });
    process.exit(status ?? 1);
  }
  const begin = performance.now();
  const found = await sweepAll(plan(stride));
  console.log(`Node ${process.versions.node}, ${Math.round((performance.now() - begin) / 1000)} s`);
  const ok = report(found);
  mkdirSync('out', { recursive: true });
  const json = Object.entries(found).map(([path, f]) => [path, { ...f, profile: [...f.profile] }]);
  writeFileSync('out/exhaustive.json', `${JSON.stringify({ stride, found: Object.fromEntries(json) }, null, 1)}\n`);
  if (!ok) process.exitCode = 1;
}

function plan(stride) {
  const exhaustive = stretches({ temperature: 1, stride, full: true, size: PIECE }).map((s, i) => ({
    ...s,
    group: i % GROUPS === 0,
  }));
  const large = shiftedStretches({ temperature: 1, stride });
  const others = temperatures().flatMap((temperature) => [
    ...stretches({ temperature, stride: TEMPERATURE_STRIDE * stride, size: PIECE / 16 }),
    ...shiftedStretches({ temperature, stride: 16 * stride + 1 }),
  ]);
  return [...exhaustive, ...[...large, ...others].map((s) => ({ ...s, group: true }))];
}

/** Those named, and others evenly over the exponents from 2^-16 to 2^16 (steps of the golden ratio). */
function temperatures() {
  const drawn = Array.from({ length: DRAWN_TEMPERATURES }, (_, i) => 2 ** (((i * 0.6180339887498949) % 1) * 32 - 16));
  return [...NAMED_TEMPERATURES, ...drawn];
}

/** Hands the pieces to one worker per core, merges what they find. */
function sweepAll(pieces) {
  const total = pieces.reduce((sum, piece) => sum + floatsIn(piece), 0);
  const bar = progressBar('floats');
  const found = {};
  let done = 0;
  let next = 0;
  const workers = Array.from({ length: Math.max(2, availableParallelism()) }, () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: {} });
    return new Promise((resolve, reject) => {
      worker.on('error', reject);
      worker.on('message', ({ progressed, findings }) => {
        if (progressed) {
          bar.update((done += progressed) / total, '');
          return;
        }
        if (findings) {
          for (const [path, f] of Object.entries(findings)) mergeFindings((found[path] ??= newFindings()), f);
          void worker.terminate().then(resolve);
          return;
        }
        worker.postMessage(next < pieces.length ? pieces[next++] : null);
      });
    });
  });
  return Promise.all(workers)
    .then(() => found)
    .finally(() => bar.stop());
}

/** Findings are kept apart by T: a power of two leaves the coefficients as they are. */
function work() {
  const hasRelaxed = WebAssembly.validate(readFileSync('dist/wasm/relaxed.wasm'));
  const modules = Promise.all(
    (hasRelaxed ? ['simd', 'relaxed'] : ['simd']).map(async (name) => ({ name, module: await compileNumeric(name) })),
  );
  const sweeps = {};
  const exp = import('../../build/lib/scalar/exp.js');
  parentPort.on('message', async (piece) => {
    const { exp: scalarExp, expTable } = await exp;
    if (piece === null) {
      const findings = {};
      for (const [kind, { findings: paths }] of Object.entries(sweeps)) {
        for (const [path, f] of Object.entries(paths)) findings[`${path}, ${kind}`] = f;
      }
      parentPort.postMessage({ findings });
      return;
    }
    const kind = Number.isInteger(Math.log2(piece.temperature)) ? 'T = 2^i' : 'other T';
    const { sweep } = (sweeps[kind] ??= createSweep(await modules, scalarExp, expTable()));
    let since = 0;
    const count = (n) => {
      since += n;
      if (since < 1 << 20) return;
      parentPort.postMessage({ progressed: since });
      since = 0;
    };
    sweep(piece, { group: piece.group, progress: count });
    if (since > 0) parentPort.postMessage({ progressed: since });
    parentPort.postMessage({});
  });
  parentPort.postMessage({});
}

/** Prints the table; false when a bound is exceeded or a path has not run. */
function report(found) {
  let ok = true;
  for (const [path, f] of Object.entries(found).sort()) {
    const tier = path.split(/[ ,]/)[0];
    if (path.includes('group')) {
      console.log(`${path}: ${f.count} results, the same bits as the row kernel's`);
      continue;
    }
    const bound = (path.endsWith('2^i') ? BOUNDS : BOUNDS_ANY_TEMPERATURE)[tier];
    const { ulp, x, m, temperature } = worstOf(f);
    const row = Number.isNaN(m) ? '' : `, row max ${m}, T = ${temperature}`;
    const within = Math.abs(ulp) <= bound;
    if (!within || f.count === 0) ok = false;
    console.log(
      `${path}: ${f.count} results, worst ${ulp.toFixed(6)} ULP at x = ${x}${row}; ` +
        `${worstRelative(f).toFixed(4)} · 2^-24 relative${within ? '' : `; ABOVE THE BOUND ${bound}`}`,
    );
  }
  for (const tier of ['simd', 'relaxed']) {
    for (const [kind, additions] of [
      ['T = 2^i', 1],
      ['other T', 0],
    ]) {
      for (const path of ['row', 'shifted'].map((rows) => `${tier} ${rows}, ${kind}`)) {
        if (!(path in found)) continue;
        const { most, text } = softmaxBound(found[path].profile, additions);
        if (!(most <= SOFTMAX_BOUND)) ok = false;
        console.log(`${path}: ${text}${most <= SOFTMAX_BOUND ? '' : `; ABOVE THE BOUND ${SOFTMAX_BOUND}`}`);
      }
    }
  }
  return ok;
}
