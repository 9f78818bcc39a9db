import type { Backend } from '../backend.js';
import { checkOptions, failRange, failType, freshFloats, show } from '../check.js';
import { openEngine } from '../engine.js';
import { reducedLoss, writeNothingKept } from '../ops/cross-entropy.js';
import { type CheckedCall, checkCrossEntropy } from '../ops/cross-entropy-task.js';
import { makeOperations } from '../ops/operations.js';
import type { CrossEntropyOptions, Targets, Tier } from '../types.js';
import { compileShared, moduleOf, moduleTier, openWasm } from '../wasm/load.js';
import { CallerCrew } from './caller-crew.js';
import { type CallInfo, Calls, type Small } from './calls.js';
import type { Crew } from './crew.js';
import { crossEntropyJob, jobOf, type Operand } from './kinds.js';
import { MessageCrew } from './message-crew.js';
import { messageOf } from './messages.js';
import { Recorder } from './recorder.js';
import { SharedCrew } from './shared-crew.js';
import { availableThreads } from './thread.js';
import type { CallOptions, Pool, PoolOptions } from './types.js';

const MOST_THREADS = 1024;

/** bench/pool.mjs: where a call takes as long on two threads as on one. */
const SMALL: Record<Tier, Small> = {
  relaxed: { shared: 393216, copied: 1048576 },
  simd: { shared: 393216, copied: 1048576 },
  scalar: { shared: 8192, copied: 32768 },
};

/** createPool; the tests set what is small. */
export async function openPool(options: PoolOptions = {}, small?: Small): Promise<Pool> {
  const op = 'createPool';
  checkOptions(op, options);
  const threads = checkThreads(op, options.threads);
  const url = checkUrl(op, options.workerUrl);
  const { backend, tier, reason } = openEngine(op, { openWasm, moduleTier }, { tier: options.tier });
  const crew = await openCrew(backend, threads, url);
  return makePool(backend, crew, reason, small ?? SMALL[tier]);
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

function checkUrl(op: string, url: PoolOptions['workerUrl']): string | undefined {
  if (url === undefined || typeof url === 'string') return url;
  if (typeof url !== 'object' || url === null || typeof url.href !== 'string') {
    failType(op, 'workerUrl', 'a string or a URL', show(url));
  }
  return url.href;
}

/** Threads that share memory; else threads that get rows by message; else the calling thread. */
async function openCrew(backend: Backend, threads: number, url: string | undefined): Promise<Crew> {
  const { tier } = backend;
  let why: string;
  try {
    checkSharing();
    const module = tier === 'scalar' ? null : await compileShared(tier);
    const crew = new SharedCrew(threads, url, module);
    await crew.start();
    return crew;
  } catch (error) {
    why = messageOf(error);
  }
  try {
    const crew = new MessageCrew(threads, url, tier === 'scalar' ? null : moduleOf(tier), why);
    await crew.start();
    return crew;
  } catch (error) {
    return new CallerCrew(backend, `threads: ${messageOf(error)}`);
  }
}

/** A page that is not isolated may make shared memory, but cannot send it to its workers. */
function checkSharing(): void {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  if (crossOriginIsolated === false) throw new Error('this page is not cross-origin isolated');
  if (typeof SharedArrayBuffer === 'undefined') throw new Error('this runtime has no SharedArrayBuffer');
}

function makePool(backend: Backend, crew: Crew, tierReason: string | null, small: Small): Pool {
  const calls = new Calls(backend, crew, small);
  const recorder = new Recorder(backend.tier, (array) => crew.strays(array));
  const host = { backend: recorder, open: () => recorder };
  const ops = makeOperations(host);

  /** A function of the main entry: the recorder's call makes its checks and its outputs, the threads compute. */
  function asyncOf<F extends (...args: never[]) => unknown>(op: string, f: F) {
    return async (...args: Parameters<F>): Promise<ReturnType<F>> => {
      const result = f(...args) as ReturnType<F>;
      const job = recorder.take();
      await calls.run(checkCall(op, args[f.length - 1]), job);
      return result;
    };
  }

  /** Computes a checked call of cross-entropy; returns its loss. */
  async function lossOf(op: string, checked: CheckedCall, options: CallOptions | undefined) {
    const call = checkCall(op, options);
    const { logits, lse, reduction, rows, cols, temperature } = checked;
    // The threads write row losses: their sum in row order does not depend on who computed them.
    if (op !== 'crossEntropyGrad') checked.losses ??= freshFloats(op, rows);
    if (checked.nothingKept) {
      if (lse !== null) await calls.run(call, jobOf('logSumExp', rows, cols, [logits, lse], [temperature]));
      writeNothingKept(checked);
      return reducedLoss(checked, 0);
    }
    await calls.run(call, crossEntropyJob(checked));
    let total = 0;
    if (reduction !== 'none' && checked.losses !== null) for (const loss of checked.losses) total += loss;
    return reducedLoss(checked, total);
  }

  type Options = (CrossEntropyOptions & CallOptions) | undefined;
  type Args = [logits: Float32Array, targets: Targets, cols: number, options: Options];

  const pool = {
    softmax: asyncOf('softmax', ops.softmax),
    logSoftmax: asyncOf('logSoftmax', ops.logSoftmax),
    logSumExp: asyncOf('logSumExp', ops.logSumExp),
    softmaxJvp: asyncOf('softmaxJvp', ops.softmaxJvp),
    softmaxVjp: asyncOf('softmaxVjp', ops.softmaxVjp),
    logSoftmaxJvp: asyncOf('logSoftmaxJvp', ops.logSoftmaxJvp),
    logSoftmaxVjp: asyncOf('logSoftmaxVjp', ops.logSoftmaxVjp),
    softmaxWithJvp: asyncOf('softmaxWithJvp', ops.softmaxWithJvp),
    async crossEntropy(...[logits, targets, cols, options]: Args) {
      const op = 'crossEntropy';
      const checked = checkCrossEntropy(host, op, logits, targets, cols, options, false);
      return lossOf(op, checked, options);
    },
    async crossEntropyGrad(...[logits, targets, cols, options]: Args) {
      const op = 'crossEntropyGrad';
      const checked = checkCrossEntropy(host, op, logits, targets, cols, options, true);
      const dlogits = (checked.dlogits ??= freshFloats(op, logits.length));
      // The row losses are not returned here: 'none' needs no array for them.
      if (checked.reduction === 'none') checked.reduction = 'sum';
      await lossOf(op, checked, options);
      return dlogits;
    },
    async crossEntropyWithGrad(...[logits, targets, cols, options]: Args) {
      const op = 'crossEntropyWithGrad';
      const checked = checkCrossEntropy(host, op, logits, targets, cols, options, true);
      const dlogits = (checked.dlogits ??= freshFloats(op, logits.length));
      return { loss: await lossOf(op, checked, options), dlogits };
    },
    get threads() {
      return Math.max(crew.threads, 1);
    },
    tier: backend.tier,
    get reason() {
      const reasons = [tierReason, crew.reason].filter((text) => text !== null);
      return reasons.length > 0 ? reasons.join('; ') : null;
    },
    alloc(length: number) {
      calls.checkOpen('alloc');
      return crew.alloc(length);
    },
    allocInt32(length: number) {
      calls.checkOpen('allocInt32');
      return crew.allocInt32(length);
    },
    free(array: Operand) {
      if (ArrayBuffer.isView(array) && calls.uses(array)) {
        failType('free', 'array', 'in use by no call', 'one that a call in flight uses');
      }
      crew.free(array);
    },
    close: () => calls.close(),
  };
  const { asyncDispose } = Symbol as { asyncDispose?: symbol };
  if (asyncDispose !== undefined) Object.defineProperty(pool, asyncDispose, { value: () => calls.close() });
  return pool as unknown as Pool;
}

/** The options that calls of a pool have beside their operation's, checked after those. */
function checkCall(op: string, options: CallOptions | undefined): CallInfo {
  const signal = options?.signal as AbortSignal | undefined;
  if (signal !== undefined && !(typeof signal === 'object' && signal !== null && 'throwIfAborted' in signal)) {
    failType(op, 'signal', 'an AbortSignal', show(signal));
  }
  const onProgress = options?.onProgress;
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    failType(op, 'onProgress', 'a function', show(onProgress));
  }
  return { op, signal, onProgress };
}
