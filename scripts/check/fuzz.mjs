// Fuzzing: cases made by chance, in processes of their own under a small heap, each under a time limit.
//
//   npm run check -- fuzz                 every part, for two minutes in all
//   npm run check -- fuzz 3600            for an hour
//   npm run check -- fuzz files 600 seed=7
//
// A part is a folder of test/fuzz/ with a child.ts (test/fuzz/child.ts says what that is). A case follows from the seed and
// its number; one that fails becomes a file of test/fuzz/corpus/, which every run begins with, and so does `npm test`.
import { fork } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** By their folders in test/fuzz/. */
const PARTS = ['files', 'calls'];
const SECONDS = 120;
const HEAP_MB = 96;
const PATIENCE_MS = 15_000;
const MOST_FAULTS = 20;

const root = fileURLToPath(new URL('../..', import.meta.url));
const corpus = path.join(root, 'test/fuzz/corpus');

/** @param {import('../check.mjs').Asked} asked */
export async function run({ words }) {
  const named = words.filter((word) => PARTS.includes(word));
  const parts = named.length > 0 ? named : PARTS;
  const seconds = Number(words.find((word) => /^\d+$/.test(word)) ?? SECONDS);
  const seed = Number(words.find((word) => /^seed=\d+$/.test(word))?.slice(5) ?? randomInt(1, 2 ** 31));
  const other = words.filter((word) => !PARTS.includes(word) && !/^(seed=)?\d+$/.test(word));
  if (other.length > 0) throw new Error(`fuzz knows ${PARTS.join(', ')}, seconds and seed=N, not ${other.join(' ')}`);
  for (const part of parts) await runPart(part, seconds / parts.length, seed);
}

async function runPart(part, seconds, seed) {
  const child = await bundle(part);
  const faults = [];
  // The seed 0 is the corpus and what is known to be valid.
  const known = await watch(part, child, 0, Infinity, faults);
  console.log(`${part}: ${known} known cases, ${faults.length} faults`);
  const end = performance.now() + 1000 * seconds;
  const processes = Array.from({ length: Math.min(availableParallelism(), 4) }, (_, i) =>
    watch(part, child, seed + i, end, faults),
  );
  const counts = await Promise.all(processes);
  const cases = counts.reduce((sum, count) => sum + count, 0);
  console.log(`${part}: ${cases} cases of seed ${seed} in ${Math.round(seconds)} s, ${faults.length} faults`);
  for (const text of faults) console.log(text);
  if (faults.length > 0) process.exitCode = 1;
}

/** Its sources as one file, which Node runs as it is. */
async function bundle(part) {
  const file = path.join(root, `build/fuzz/${part}.mjs`);
  const sources = await rolldown({
    input: path.join(root, `test/fuzz/${part}/child.ts`),
    platform: 'node',
    external: [/^node:/, 'apache-arrow'],
    // What the suites share asks vitest, which is not here.
    resolve: { alias: { vitest: path.join(root, 'test/fuzz/calls/expect.ts') } },
  });
  await sources.write({ file, format: 'esm', codeSplitting: false });
  return file;
}

/** Runs cases until `end`, in one process after the other where they die; how many there were. */
async function watch(part, child, seed, end, faults) {
  const folder = mkdtempSync(path.join(tmpdir(), 'softmax-fuzz-'));
  let next = 0;
  try {
    for (;;) {
      const seconds = end === Infinity ? PATIENCE_MS : (end - performance.now()) / 1000;
      if (seconds <= 0 || faults.length >= MOST_FAULTS) break;
      const { done, problem, ending } = await one(child, [folder, corpus, seed, next, seconds]);
      next += done;
      if (problem === null) break;
      next++;
      faults.push(keep(part, folder, ending, `seed ${seed}, case ${next - 1}: ${problem}`));
    }
    return next;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * One process, until its time is over or a case has failed.
 *
 * @returns {Promise<{ done: number, problem: string | null, ending: string }>}
 */
function one(file, args) {
  return new Promise((resolve) => {
    const execArgv = [`--max-old-space-size=${HEAP_MB}`];
    const child = fork(file, args.map(String), { execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let [done, begun, problem, ending, stderr] = [0, '', null, 'bin', ''];
    const late = () => {
      problem = `it took longer than ${PATIENCE_MS / 1000} s`;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(late, 2 * PATIENCE_MS);
    child.stderr.on('data', (chunk) => (stderr = (stderr + chunk).slice(-2000)));
    child.on('message', (said) => {
      clearTimeout(timer);
      timer = setTimeout(late, PATIENCE_MS);
      if ('begun' in said) [begun, ending] = [said.begun, said.begun.split(' ')[0]];
      if ('done' in said) done++;
      if ('fault' in said) problem = said.fault;
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (problem === null && code !== 0) problem = `the process ended with ${signal ?? code}: ${stderr}`;
      resolve({ done, problem: problem === null ? null : `${begun}: ${problem}`, ending });
    });
  });
}

/** Puts the case that failed into the corpus. */
function keep(part, folder, ending, problem) {
  const file = path.join(folder, 'case');
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
  const name = `${part}-${digest}.${ending}`;
  mkdirSync(corpus, { recursive: true });
  copyFileSync(file, path.join(corpus, name));
  // Of a run elsewhere only the text is left.
  return `test/fuzz/corpus/${name}: ${problem}\n  in base64 ${readFileSync(file, 'base64')}`;
}
