import { survey } from '../call.js';
import type { OperandArray } from '../operand.js';
import { type Call, plus, type Runner } from '../operation.js';
import { onAbort } from './aborts.js';
import { CallerCrew } from './caller-crew.js';
import { type Crew, Failure, type Task } from './crew.js';
import { makeResident } from './resident.js';
import { layOut, MOST_BLOCK_BYTES, Staging } from './staging.js';
import { about, freshFloats, overlaps } from '../check.js';
import { lostArray } from './lost-array.js';
import { PLAIN } from '../rows.js';
import type { PoolOptions } from './types.js';
import { elementBytes } from '../view.js';

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

/** Rows that two threads look at in less time than one takes, which is 0.1 ms, and waking them. */
const SURVEYED = 131072;

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

  #checkWanted({ op, signal }: CallInfo): void {
    this.checkOpen(op);
    signal?.throwIfAborted();
  }

  /** What `compute` gives; until then `free` refuses the call's arrays. */
  async hold<T>(call: Call, compute: () => Promise<T>): Promise<T> {
    this.#held.add(call);
    if (call.rows * call.cols >= this.#small.shared) this.#crew.meet(call);
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

  /**
   * Whether threads make the last of the checks: of so many rows that it pays, where they see what it looks at. What is for
   * all rows may make a sum of it, which depends on the order of rows.
   */
  surveys(call: Call): boolean {
    const { operation, operands, rows } = call;
    if (operation.survey === null || rows < SURVEYED || !this.#crew.looksAtRows) return false;
    if (this.#isSmall(call) || this.#staysHere(call)) return false;
    return operands.every((array, i) => {
      if (array === null || i >= operation.count) return true;
      if (!isSurveyed(call, i)) return operation.operands[i].width !== 'all';
      return this.#crew.reaches(array) && elementBytes(array) === 4;
    });
  }

  /** @param isChecked whether all checks have been made */
  async run(info: CallInfo, call: Call, isChecked: boolean): Promise<void> {
    this.#checkWanted(info);
    if (!isChecked) {
      await this.#survey(info, call);
      this.#checkWanted(info);
    }
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
    return operands[0] !== null && !this.#crew.reaches(operands[0]);
  }

  /** The calling thread cannot copy in less time than it computes in, but on the slow tier and what is slow on all. */
  #staysHere(call: Call): boolean {
    if (this.#crew.gone) return true;
    if (this.#ordinary === 'workers' || this.#runner.tier === 'scalar' || !this.#isCopied(call)) return false;
    return !call.operation.isSlow?.(call);
  }

  async #runOnCrew(info: CallInfo, call: Call): Promise<void> {
    const crew = this.#staysHere(call) ? this.#caller : this.#crew;
    const { operation, operands, summed, rows } = call;
    const resident = makeResident(crew, call);
    if (resident === null) {
      if (summed >= 0) operands[summed] ??= freshFloats(operation.name, rows);
      await this.#end(info, call, this.#staging, call, 'results');
      if (summed >= 0) call.total = plus(0, operands[summed]!);
    } else {
      try {
        await this.#end(info, call, crew, resident.call, summed >= 0 ? 'sum' : 'results');
        here(info.op, call, () => resident.copyOut());
      } finally {
        resident.free();
      }
      call.total = resident.call.total;
    }
    info.onProgress?.(rows, rows);
  }

  /** The last of the checks, by threads. */
  async #survey(info: CallInfo, call: Call): Promise<void> {
    const operands = call.operands.map((array, i) => (isSurveyed(call, i) ? array : null));
    const looked = call.over(operands);
    looked.layout = PLAIN;
    await this.#end({ ...info, onProgress: undefined }, call, this.#crew, looked, 'survey');
    if (looked.total >= 0) call.operation.conclude!(call, looked.total);
    else survey(call);
  }

  /** Resolves when `worker` has made of the rows what is asked for. */
  async #end(
    info: CallInfo,
    { rows }: Call,
    worker: Pick<Crew, 'submit' | 'cancel'>,
    call: Call,
    kind: Task['kind'],
  ): Promise<void> {
    const { op, signal } = info;
    let done!: (why: unknown) => void;
    const ended = new Promise<unknown>((resolve) => (done = resolve));
    const cancel = (why: unknown) => worker.cancel(task, why);
    const task: Task = { call, kind, block: null, progress: this.#progressOf(info, rows, cancel), done };
    const running: Running = { ended, cancel };
    // A signal's own code may throw: then nothing is under way yet.
    const stopWaiting = signal === undefined ? undefined : onAbort(signal, () => cancel(signal.reason));
    try {
      this.#running.add(running);
      worker.submit(task);
      const why = await ended;
      if (why !== null) throw errorOf(op, why);
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

/** Whether the last of the checks looks at it: what has one element a row. */
function isSurveyed({ operation }: Call, index: number): boolean {
  const { width, output } = operation.operands[index];
  return index < operation.count && width === 'one' && !output;
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
