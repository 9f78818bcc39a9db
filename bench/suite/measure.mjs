import { Bench } from 'tinybench';

/**
 * Times several subjects in turns, so that a busy machine hits all alike: each turn is one short tinybench run of every
 * subject, in an order that rotates. Small calls are repeated inside one sample, as a clock's tick is too coarse.
 *
 * @typedef {object} Subject
 * @property {string} id
 * @property {() => unknown} call what is timed
 * @property {boolean} [isAsync]
 * @property {() => Promise<ArrayLike<number>[]> | ArrayLike<number>[]} results the outputs of one call
 * @property {() => unknown} [before] not timed, before each turn
 * @property {(settings: Settings) => Promise<number[]>} [turn] times itself: nanoseconds of each sample's calls
 * @property {number} [firstMs] how long the first call took
 * @property {() => void} [close]
 *
 * @typedef {object} Settings
 * @property {number} turns
 * @property {number} turnMs of each subject in each turn
 * @property {number} sampleMs of one sample at least: many ticks of the runtime's clock
 * @property {number} warmMs before anything counts, so that the optimising compiler has taken over
 *
 * @typedef {{ min: number, p50: number, samples: number, spread: number }} Timing
 *   nanoseconds a call; spread: the slowest turn's minimum over the fastest's, less 1
 */

/** Calls that take longer than all of a subject's time are timed this often at least, the slowest once. */
const MIN_SAMPLES = 3;
const SLOW_MS = 300;

/**
 * @param {Subject[]} subjects
 * @param {Settings} settings
 * @param {(done: number) => unknown} progress told the part that is done
 * @returns {Promise<(Timing | { failed: string })[]>} failed: what a call threw, late
 */
export async function interleave(subjects, settings, progress) {
  const { turns, turnMs } = settings;
  const all = [];
  for (const subject of subjects) {
    const each = { subject, batch: 1, spent: 0, byTurn: [], failed: null };
    await attempt(each, async () => (each.batch = await warm(subject, settings)));
    all.push(each);
  }
  for (let turn = 0; turn < turns; turn++) {
    const rotated = all.map((_, i) => all[(i + turn * 5) % all.length]);
    // 5 may divide the number of subjects, so every other turn goes the other way round
    if (turn % 2 === 1) rotated.reverse();
    for (const each of rotated.filter(({ failed }) => failed === null)) {
      const count = each.byTurn.reduce((sum, samples) => sum + samples.length, 0);
      if (each.spent >= turns * turnMs && count >= (each.spent > SLOW_MS * count ? 1 : MIN_SAMPLES)) continue;
      const begin = performance.now();
      await attempt(each, async () => {
        await each.subject.before?.();
        each.byTurn.push(await sample(each.subject, each.batch, settings));
      });
      each.spent += performance.now() - begin;
    }
    await progress((turn + 1) / turns);
  }
  return all.map(({ byTurn, failed }) => (failed === null ? timingOf(byTurn) : { failed }));
}

/** One subject that throws does not end the run. */
async function attempt(each, run) {
  try {
    await run();
  } catch (error) {
    each.failed = String(error?.message ?? error).split('\n')[0];
  }
}

/** @returns calls in one sample */
async function warm(subject, { sampleMs, warmMs }) {
  if (subject.turn !== undefined || subject.firstMs > SLOW_MS) return 1;
  await subject.before?.();
  let batch = 1;
  let warmed = 0;
  for (;;) {
    const ms = await timeBatch(subject, batch);
    warmed += ms;
    // A first call compiles: its time says nothing of the second's.
    if (ms < sampleMs) batch = Math.ceil(batch * Math.min(8, Math.max(1.2, (1.2 * sampleMs) / Math.max(ms, 1e-3))));
    else if (warmed >= warmMs) return batch;
    else if (batch > 1 && ms > 2 * sampleMs) batch = Math.ceil((batch * 1.2 * sampleMs) / ms);
  }
}

async function timeBatch({ call, isAsync }, batch) {
  const begin = performance.now();
  if (isAsync) for (let i = 0; i < batch; i++) await call();
  else for (let i = 0; i < batch; i++) call();
  return performance.now() - begin;
}

/** One turn. @returns nanoseconds a call, sample by sample */
async function sample(subject, batch, settings) {
  if (subject.turn !== undefined) return subject.turn(settings);
  const { call, isAsync = false } = subject;
  const bench = new Bench({
    time: settings.turnMs,
    iterations: 1,
    warmup: false,
    retainSamples: true,
    throws: true,
    timestampProvider: 'auto',
  });
  const calls = isAsync
    ? async () => {
        for (let i = 0; i < batch; i++) await call();
      }
    : () => {
        for (let i = 0; i < batch; i++) call();
      };
  bench.add(subject.id, calls, { async: isAsync });
  const [task] = isAsync ? await bench.run() : bench.runSync();
  if (task.result.state !== 'completed') throw task.result.error ?? new Error(task.result.state);
  return task.result.latency.samples.map((ms) => (1e6 * ms) / batch);
}

/** @param {number[][]} byTurn @returns {Timing} */
function timingOf(byTurn) {
  const samples = byTurn.flat().sort((a, b) => a - b);
  const minima = byTurn.map((list) => Math.min(...list));
  return {
    min: samples[0],
    p50: samples[samples.length >> 1],
    samples: samples.length,
    spread: Math.max(...minima) / samples[0] - 1,
  };
}
