import { backend } from 'softmax-simd';
import { exact, largestUlps } from './check.js';
import { type Contender, contenders } from './contenders.js';
import type { Report, Request, Timing } from './messages.js';
import { inputOf, named } from './shapes.js';

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  try {
    const { here, missing } = contenders(data);
    report({ kind: 'engines', ...backend(), here: here.map(({ name }) => name), missing });
    const right = check(data, here);
    time(data, right);
    report({ kind: 'done' });
  } catch (error) {
    report({ kind: 'failed', message: String(error) });
  }
});

function report(message: Report): void {
  postMessage(message);
}

/** Those whose results on all shapes are within what they promise; any other one is not worth timing. */
function check({ op, shapes }: Request, all: Contender[]): Contender[] {
  const most = new Map(all.map(({ name }) => [name, 0]));
  for (const shape of shapes) {
    report({ kind: 'progress', share: 0, doing: `Checking ${named(shape)} against float64` });
    const input = inputOf(shape);
    const wanted = exact(op, input);
    for (const { name, prepare } of all) {
      const { run, out, release } = prepare(input);
      run();
      most.set(name, Math.max(most.get(name)!, largestUlps(out, wanted)));
      release();
    }
  }
  for (const { name, promise } of all) report({ kind: 'checked', name, ulps: most.get(name)!, promise });
  return all.filter(({ name, promise }) => most.get(name)! <= (promise ?? Number.MAX_VALUE));
}

/** In turns, so that whatever slows the machine down slows all of them. */
function time({ shapes, sampleMs, rounds }: Request, all: Contender[]): void {
  for (const [k, shape] of shapes.entries()) {
    const input = inputOf(shape);
    const runs = all.map(({ name, prepare }) => {
      const { run, release } = prepare(input);
      return { name, run, release, repeats: 1, samples: [] as number[] };
    });
    // Not counted: it lets the browser compile `run` in earnest, and finds how many repeats fill a sample.
    for (const timed of runs) sample(timed, sampleMs);
    for (let round = 0; round < rounds; round++) {
      report({ kind: 'progress', share: (k + round / rounds) / shapes.length, doing: `Timing ${named(shape)}` });
      for (const timed of runs) timed.samples.push((1e6 * sample(timed, sampleMs)) / input.logits.length);
      report({ kind: 'timed', timings: runs.map(({ name, samples }) => summary(name, k, samples)) });
    }
    for (const { release } of runs) release();
  }
}

function summary(name: string, shape: number, samples: number[]): Timing {
  const sorted = samples.toSorted((a, b) => a - b);
  return { name, shape, minimum: sorted[0]!, median: sorted[sorted.length >> 1]! };
}

/**
 * Milliseconds a run, over a sample of half of `sampleMs` at least: where a moment's stall made `repeats` too few, a coarse
 * clock would see no time pass at all.
 */
function sample(timed: { run: () => void; repeats: number }, sampleMs: number): number {
  for (;;) {
    const taken = milliseconds(timed.run, timed.repeats);
    if (taken >= sampleMs / 2) return taken / timed.repeats;
    timed.repeats *= 2;
  }
}

function milliseconds(run: () => void, repeats: number): number {
  const begin = performance.now();
  for (let i = 0; i < repeats; i++) run();
  return performance.now() - begin;
}
