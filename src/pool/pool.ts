import type { Backend } from '../backend.js';
import { checkOptions, failRange, failType, freshFloats, show } from '../check.js';
import { openEngine } from '../engine.js';
import { reducedLoss, writeNothingKept } from '../ops/cross-entropy.js';
import { type CheckedCall, checkCrossEntropy } from '../ops/cross-entropy-task.js';
import { makeOperations } from '../ops/operations.js';
import type { CrossEntropyOptions, Targets } from '../types.js';
import { compileShared, moduleTier, openWasm } from '../wasm/load.js';
import { CallerCrew } from './caller-crew.js';
import type { Crew, Task } from './crew.js';
import { computeJob, crossEntropyJob, elements, type Job, jobOf, KINDS, type Operand } from './kinds.js';
import { PoolMemory } from './memory.js';
import { Recorder } from './recorder.js';
import { SharedCrew } from './shared-crew.js';
import { layOut, MOST_BLOCK_BYTES, Staging } from './staging.js';
import { availableThreads } from './thread.js';
import type { CallOptions, Pool, PoolOptions } from './types.js';

const MOST_THREADS = 1024;

/** Calls of fewer elements are done at once by the calling thread: the round trip would take longer. */
const SMALL = 32768;

export interface Tuning {
  /** Elements below which the calling thread computes by itself. */
  small: number;
}

interface Call {
  op: string;
  signal: AbortSignal | undefined;
  onProgress: CallOptions['onProgress'];
}

/** @internal What the tests can set beside the public options. */
export async function openPool(options: PoolOptions = {}, tuning: Tuning = { small: SMALL }): Promise<Pool> {
  const op = 'createPool';
  checkOptions(op, options);
  const threads = checkThreads(op, options.threads);
  const opened = openEngine(op, { openWasm, moduleTier }, { tier: options.tier });
  const crew = await openCrew(opened.backend, threads, options.workerUrl);
  return makePool(opened.backend, crew, opened.reason, tuning);
}

function checkThreads(op: string, threads: number | undefined): number {
  if (threads === undefined) return Math.min(availableThreads(), MOST_THREADS);
  const rule = `an integer in [1, ${MOST_THREADS}]`;
  if (typeof threads !== 'number') failType(op, 'threads', rule, show(threads));
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS)) {
    failRange(op, 'threads', rule, show(threads));
  }
  return threads;
}

async function openCrew(backend: Backend, threads: number, url: string | URL | undefined): Promise<Crew> {
  try {
    const module = backend.tier === 'scalar' ? null : await compileShared(backend.tier);
    const crew = new SharedCrew(new PoolMemory(threads), { threads, url, module });
    await crew.start();
    return crew;
  } catch (error) {
    return new CallerCrew(backend, `threads: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function makePool(backend: Backend, crew: Crew, tierReason: string | null, tuning: Tuning): Pool {
  const recorder = new Recorder(backend.tier, (array) => crew.strays(array));
  const host = { backend: recorder, open: () => recorder };
  const ops = makeOperations(host);
  const staging = new Staging(crew);
  /** What is in flight, by what would end it. */
  const running = new Map<Task, (why: unknown) => void>();
  let closing: Promise<void> | null = null;

  function checkCall(op: string, options: CallOptions | undefined): Call {
    if (closing !== null) throw closedError(op);
    const signal = options?.signal as AbortSignal | undefined;
    const onProgress = options?.onProgress;
    if (signal !== undefined && !(typeof signal === 'object' && signal !== null && 'aborted' in signal)) {
      failType(op, 'signal', 'an AbortSignal', show(signal));
    }
    if (onProgress !== undefined && typeof onProgress !== 'function') {
      failType(op, 'onProgress', 'a function', show(onProgress));
    }
    signal?.throwIfAborted();
    return { op, signal, onProgress };
  }

  /** Computes a job, by the threads when it is worth their round trip. */
  function run(call: Call, job: Job): Promise<void> | void {
    const size = job.rows * job.cols;
    if (size < tuning.small || layOut(crew, job, 1).bytes > MOST_BLOCK_BYTES) {
      computeJob(backend, job);
      call.onProgress?.(job.rows, job.rows);
      return;
    }
    return runOnThreads(call, job);
  }

  function runOnThreads({ op, signal, onProgress }: Call, job: Job): Promise<void> {
    return new Promise((resolve, reject) => {
      const narrow = new Narrow(crew, job);
      const { resident } = narrow;
      let last = -1;
      const task: Task = {
        job: narrow.job,
        progress:
          onProgress === undefined
            ? null
            : (rows) => {
                if (rows <= last || rows >= job.rows) return;
                last = rows;
                tell(rows);
              },
        done: (error) => {
          running.delete(task);
          signal?.removeEventListener('abort', abort);
          if (error === null) narrow.copyOut();
          narrow.free();
          if (error === null && onProgress !== undefined) {
            try {
              onProgress(job.rows, job.rows);
            } catch (thrown) {
              error = thrown;
            }
          }
          if (error === null) resolve();
          else reject((error === CLOSED ? closedError(op) : error) as Error);
        },
      };
      const cancel = (why: unknown) => (resident ? crew : staging).cancel(task, why);
      const abort = () => cancel(signal!.reason);
      const tell = (rows: number) => {
        try {
          onProgress!(rows, job.rows);
        } catch (thrown) {
          cancel(thrown);
        }
      };
      running.set(task, cancel);
      signal?.addEventListener('abort', abort);
      (resident ? crew : staging).submit(task);
    });
  }

  /** A function of the main entry, whose checks and outputs are made by the recorder's call. */
  function asyncOf<F extends (...args: never[]) => unknown>(op: string, f: F) {
    return async (...args: Parameters<F>): Promise<ReturnType<F>> => {
      const result = f(...args) as ReturnType<F>;
      const job = recorder.take();
      const call = checkCall(op, args[f.length - 1] as CallOptions | undefined);
      await run(call, job);
      return result;
    };
  }

  /** Computes a checked call of cross-entropy; returns its loss. */
  async function loss(call: Call, checked: CheckedCall): Promise<number | Float32Array> {
    const { op } = call;
    if (checked.reduction === 'none') checked.losses ??= freshFloats(op, checked.rows);
    if (checked.divisor === 0) {
      const { logits, lse, rows, cols, temperature } = checked;
      if (lse !== null) await run(call, jobOf('logSumExp', rows, cols, [logits, lse], [temperature]));
      writeNothingKept(checked);
      return reducedLoss(checked, 0);
    }
    // The threads write row losses; their sum in row order does not depend on who computed them.
    const losses = (checked.losses ??= freshFloats(op, checked.rows));
    await run(call, crossEntropyJob(checked));
    let total = 0;
    if (checked.reduction !== 'none') for (let r = 0; r < losses.length; r++) total += losses[r]!;
    return reducedLoss(checked, total);
  }

  type Options = (CrossEntropyOptions & CallOptions) | undefined;

  const pool = {
    softmax: asyncOf('softmax', ops.softmax),
    logSoftmax: asyncOf('logSoftmax', ops.logSoftmax),
    logSumExp: asyncOf('logSumExp', ops.logSumExp),
    softmaxJvp: asyncOf('softmaxJvp', ops.softmaxJvp),
    softmaxVjp: asyncOf('softmaxVjp', ops.softmaxVjp),
    logSoftmaxJvp: asyncOf('logSoftmaxJvp', ops.logSoftmaxJvp),
    logSoftmaxVjp: asyncOf('logSoftmaxVjp', ops.logSoftmaxVjp),
    softmaxWithJvp: asyncOf('softmaxWithJvp', ops.softmaxWithJvp),
    async crossEntropy(logits: Float32Array, targets: Targets, cols: number, options: Options) {
      const op = 'crossEntropy';
      const checked = checkCrossEntropy(host, op, logits, targets, cols, options, false);
      return loss(checkCall(op, options), checked);
    },
    async crossEntropyGrad(logits: Float32Array, targets: Targets, cols: number, options: Options) {
      const op = 'crossEntropyGrad';
      const checked = checkCrossEntropy(host, op, logits, targets, cols, options, true);
      const dlogits = (checked.dlogits ??= freshFloats(op, logits.length));
      await loss(checkCall(op, options), checked);
      return dlogits;
    },
    async crossEntropyWithGrad(logits: Float32Array, targets: Targets, cols: number, options: Options) {
      const op = 'crossEntropyWithGrad';
      const checked = checkCrossEntropy(host, op, logits, targets, cols, options, true);
      const dlogits = (checked.dlogits ??= freshFloats(op, logits.length));
      return { loss: await loss(checkCall(op, options), checked), dlogits };
    },
    get threads() {
      return crew.threads;
    },
    tier: backend.tier,
    get reason() {
      const reasons = [tierReason, crew.reason].filter((text) => text !== null);
      return reasons.length > 0 ? reasons.join('; ') : null;
    },
    alloc(length: number) {
      if (closing !== null) throw closedError('alloc');
      return crew.alloc(length);
    },
    allocInt32(length: number) {
      if (closing !== null) throw closedError('allocInt32');
      return crew.allocInt32(length);
    },
    free(array: Operand) {
      crew.free(array);
    },
    close() {
      closing ??= (async () => {
        for (const [, cancel] of [...running]) cancel(CLOSED);
        while (running.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
        await crew.close();
      })();
      return closing;
    },
  };
  const { asyncDispose } = Symbol as { asyncDispose?: symbol };
  if (asyncDispose !== undefined) Object.defineProperty(pool, asyncDispose, { value: () => pool.close() });
  return pool as unknown as Pool;
}

/** Stands for the error of a call in flight at close(), until the call's name is known. */
const CLOSED = Symbol('closed');

function closedError(op: string): Error {
  return new Error(`${op}: expected the pool to be open, got a closed one`);
}

/**
 * A job whose rows lie in shared memory while what has one element a row does not (labels, losses): those are copied as
 * a whole, and the threads get the job in one piece.
 */
class Narrow {
  readonly job: Job;
  readonly resident: boolean;
  readonly #crew: Crew;
  readonly #copies: [array: Operand, copy: Operand, output: boolean][] = [];

  constructor(crew: Crew, job: Job) {
    this.#crew = crew;
    const { places } = KINDS[job.kind]!;
    const unseen = job.operands.map((array) => array !== null && !crew.sees(array));
    const wide = unseen.some((is, i) => is && places[i]!.width === 'row');
    this.resident = !wide;
    this.job = job;
    if (wide || !unseen.includes(true)) return;
    const operands = [...job.operands];
    unseen.forEach((is, i) => {
      if (!is) return;
      const array = job.operands[i]!;
      const { width, output } = places[i]!;
      const length = elements(width, job.rows, job.cols);
      const copy =
        KINDS[job.kind]!.op === 'crossEntropyLabels' && i === 1 ? crew.allocInt32(length) : crew.alloc(length);
      if (!output) copy.set(array);
      this.#copies.push([array, copy, output]);
      operands[i] = copy;
    });
    this.job = { ...job, operands };
  }

  copyOut(): void {
    for (const [array, copy, output] of this.#copies) if (output) array.set(copy);
  }

  free(): void {
    for (const [, copy] of this.#copies) this.#crew.free(copy);
  }
}
