import { backend } from 'softmax-simd';
import { exact, largestUlps } from './check.js';
import { type Contender, contenders } from './contenders.js';
import type { Report, Request, Timing } from './messages.js';
import { inputOf, type Op, SHAPES } from './shapes.js';

/** Browsers round their clocks to a millisecond or less: one sample takes many times that. */
const SAMPLE_MS = 30;
const ROUNDS = 8;

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  try {
    const { here, missing } = contenders();
    report({ kind: 'engines', ...backend(), here: here.map(({ name }) => name), missing });
    const right = check(data.op, here);
    time(data.op, right);
    report({ kind: 'done' });
  } catch (error) {
    report({ kind: 'failed', message: String(error) });
  }
});

function report(message: Report): void {
  postMessage(message);
}

/** Those whose results on all shapes are within what they promise; any other one is not worth timing. */
function check(op: Op, all: Contender[]): Contender[] {
  const most = new Map(all.map(({ name }) => [name, 0]));
  for (const [k, shape] of SHAPES.entries()) {
    report({ kind: 'progress', share: 0, doing: `Checking ${label(k)} against float64` });
    const input = inputOf(shape);
    const wanted = exact(op, input);
    for (const { name, prepare } of all) {
      const { run, out, release } = prepare(op, input);
      run();
      most.set(name, Math.max(most.get(name)!, largestUlps(out, wanted)));
      release();
    }
  }
  for (const { name, promise } of all) report({ kind: 'checked', name, ulps: most.get(name)!, promise });
  return all.filter(({ name, promise }) => most.get(name)! <= (promise ?? Number.MAX_VALUE));
}

/** In turns, so that whatever slows the machine down slows all of them. */
function time(op: Op, all: Contender[]): void {
  for (const [k, shape] of SHAPES.entries()) {
    const input = inputOf(shape);
    const runs = all.map(({ name, prepare }) => {
      const { run, release } = prepare(op, input);
      return { name, run, release, repeats: repeatsFor(run), samples: [] as number[] };
    });
    for (let round = 0; round < ROUNDS; round++) {
      report({ kind: 'progress', share: (k + round / ROUNDS) / SHAPES.length, doing: `Timing ${label(k)}` });
      for (const { run, repeats, samples } of runs) {
        samples.push((1e6 * milliseconds(run, repeats)) / repeats / input.logits.length);
      }
      report({ kind: 'timed', timings: runs.map(({ name, samples }) => summary(name, k, samples)) });
    }
    for (const { release } of runs) release();
  }
}

function summary(name: string, shape: number, samples: number[]): Timing {
  const sorted = samples.toSorted((a, b) => a - b);
  return { name, shape, minimum: sorted[0]!, median: sorted[sorted.length >> 1]! };
}

/** How many runs fill a sample; finding it out also lets the browser compile `run` in earnest. */
function repeatsFor(run: () => void): number {
  let repeats = 1;
  for (;;) {
    const taken = milliseconds(run, repeats);
    if (taken >= SAMPLE_MS / 2) return Math.max(Math.round((repeats * SAMPLE_MS) / taken), 1);
    repeats *= 2;
  }
}

function milliseconds(run: () => void, repeats: number): number {
  const begin = performance.now();
  for (let i = 0; i < repeats; i++) run();
  return performance.now() - begin;
}

function label(k: number): string {
  const { rows, cols } = SHAPES[k]!;
  return `${rows} rows of ${cols}`;
}
