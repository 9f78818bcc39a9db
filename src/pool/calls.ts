import type { OperandArray } from '../operand.js';
import { type Call, plus, type Runner } from '../operation.js';
import { onAbort } from './aborts.js';
import { CallerCrew } from './caller-crew.js';
import { type Crew, Failure, type Task } from './crew.js';
import { makeResident } from './resident.js';
import { layOut, MOST_BLOCK_BYTES, Staging } from './staging.js';
import { about, freshFloats, overlaps } from '../check.js';
import { lostArray } from './lost-array.js';
import type { PoolOptions } from './types.js';

/** What a call says beside its operation. */
export interface CallInfo {
  op: string;
  signal: AbortSignal | undefined;
  onProgress: ((rows: number, total: number) => void) | undefined;
}

/**
 * Elements below which the calling thread computes by itself, at once: the threads' round trip takes as long. Ordinary
 * arrays are copied twice on their way, so there must be more of them.
 */
export interface Small {
  shared: number;
  copied: number;
}

interface Running {
  /** Resolves to null, or to why it failed. */
  ended: Promise<unknown>;
  cancel(why: unknown): void;
}

const CLOSED = /* @__PURE__ */ new Failure('expected the pool to be open, got a closed one');

/** Computes calls: here when they are small, else by the crew. */
export class Calls {
  readonly #runner: Runner;
  readonly #crew: Crew;
  readonly #staging: Staging;
  /** Computes what threads would not make faster, and everything where all are gone for good. */
  readonly #caller: CallerCrew;
  readonly #small: Small;
  readonly #ordinary: PoolOptions['ordinary'];
  /** Whose arrays are in use: from the checks of a call until its promise settles. */
  readonly #held = new Set<Call>();
  readonly #running = new Set<Running>();
  #closing: Promise<void> | null = null;

  constructor(runner: Runner, crew: Crew, small: Small, ordinary: PoolOptions['ordinary']) {
    this.#runner = runner;
    this.#crew = crew;
    this.#staging = new Staging(crew);
    this.#caller = new CallerCrew(runner, '');
    this.#small = small;
    this.#ordinary = ordinary;
  }

  /** @throws Error after close() */
  checkOpen(op: string): void {
    if (this.#closing !== null) throw errorOf(op, CLOSED);
  }

  /** What `compute` gives; until then `free` refuses the call's arrays. */
  async hold<T>(call: Call, compute: () => Promise<T>): Promise<T> {
    this.#held.add(call);
    try {
      return await compute();
    } finally {
      this.#held.delete(call);
    }
  }

  /** Whether a call in flight uses bytes of an array. */
  uses(array: OperandArray): boolean {
    const crew = this.#crew;
    for (const { operands } of this.#held) {
      if (operands.some((other) => other !== null && crew.isOneMemory(other, array) && overlaps(other, array)))
        return true;
    }
    return false;
  }

  async run(info: CallInfo, call: Call): Promise<void> {
    this.checkOpen(info.op);
    info.signal?.throwIfAborted();
    if (this.#isSmall(call)) {
      here(info.op, call, () => {
        if (!this.#crew.computeHere(call)) this.#runner.run(call);
      });
      info.onProgress?.(call.rows, call.rows);
    } else {
      await this.#runOnCrew(info, call);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const running = [...this.#running];
    for (const { cancel } of running) cancel(CLOSED);
    await Promise.all(running.map(({ ended }) => ended));
    await this.#crew.close();
  }

  /** Or of rows so long that a block would hold a large part of memory. */
  #isSmall(call: Call): boolean {
    const size = call.rows * call.cols;
    if (size < this.#small.shared) return true;
    const { bytes } = layOut(this.#crew, call, 1);
    return (this.#isCopied(call) && size < this.#small.copied) || bytes > MOST_BLOCK_BYTES;
  }

  #isCopied({ operands }: Call): boolean {
    return operands[0] !== null && !this.#crew.sees(operands[0]);
  }

  /** The calling thread cannot copy in less time than it computes in, but on the slow tier and what is slow on all. */
  #staysHere(call: Call): boolean {
    if (this.#crew.gone) return true;
    if (this.#ordinary === 'workers' || this.#runner.tier === 'scalar' || !this.#isCopied(call)) return false;
    return !call.operation.isSlow?.(call);
  }

  async #runOnCrew(info: CallInfo, call: Call): Promise<void> {
    const staysHere = this.#staysHere(call);
    const crew = staysHere ? this.#caller : this.#crew;
    const { operation, operands, summed, rows } = call;
    // Threads write the rows of what is summed: their sum in row order does not depend on who computed them.
    if (!staysHere && summed >= 0) operands[summed] ??= freshFloats(operation.name, rows);
    const resident = makeResident(crew, call);
    const task = resident?.call ?? call;
    try {
      const why = await this.#end(info, call, resident === null ? this.#staging : crew, task);
      if (why !== null) throw errorOf(info.op, why);
      if (resident !== null) here(info.op, call, () => resident.copyOut());
    } finally {
      resident?.free();
    }
    if (staysHere) call.total = task.total;
    else if (summed >= 0) call.total = plus(0, operands[summed]!);
    info.onProgress?.(rows, rows);
  }

  /** Null when `worker` has computed the call, else why not. */
  async #end(info: CallInfo, { rows }: Call, worker: Pick<Crew, 'submit' | 'cancel'>, call: Call): Promise<unknown> {
    const { signal } = info;
    let done!: (why: unknown) => void;
    const ended = new Promise<unknown>((resolve) => (done = resolve));
    const cancel = (why: unknown) => worker.cancel(task, why);
    const task: Task = { call, block: null, progress: this.#progressOf(info, rows, cancel), done };
    const running: Running = { ended, cancel };
    // A signal's own code may throw: then nothing is under way yet.
    const stopWaiting = signal === undefined ? undefined : onAbort(signal, () => cancel(signal.reason));
    try {
      this.#running.add(running);
      worker.submit(task);
      return await ended;
    } finally {
      this.#running.delete(running);
      stopWaiting?.();
    }
  }

  /** Progress that rises and stays below all rows: the last word is said when the call has ended. */
  #progressOf({ onProgress }: CallInfo, total: number, cancel: (why: unknown) => void): Task['progress'] {
    if (onProgress === undefined) return null;
    let last = 0;
    return (rows) => {
      if (rows <= last || rows >= total) return;
      last = rows;
      try {
        onProgress(rows, total);
      } catch (error) {
        cancel(error);
      }
    };
  }
}

/** Does something with a call's arrays at once. */
function here(op: string, call: Call, compute: () => void): void {
  try {
    compute();
  } catch (error) {
    throw errorOf(op, lostArray(call) ?? error);
  }
}

/** A failure of the threads begins with the operation's name; what a signal or a callback gave stays as it is. */
function errorOf(op: string, why: unknown): Error {
  if (!(why instanceof Failure)) return why as Error;
  const error = new why.ErrorClass(`${op}: ${why.text}`);
  return why.argument === null ? error : about(why.argument, error);
}
