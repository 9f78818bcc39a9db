import type { OperandArray } from '../operand.js';
import type { Call, Runner } from '../operation.js';
import { onAbort } from './aborts.js';
import { CallerCrew } from './caller-crew.js';
import { type Crew, Failure, type Task } from './crew.js';
import { makeResident } from './resident.js';
import { layOut, MOST_BLOCK_BYTES, Staging } from './staging.js';

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
  call: Call;
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
  /** Takes over where all threads are gone for good. */
  readonly #caller: CallerCrew;
  readonly #small: Small;
  readonly #running = new Set<Running>();
  #closing: Promise<void> | null = null;

  constructor(runner: Runner, crew: Crew, small: Small) {
    this.#runner = runner;
    this.#crew = crew;
    this.#staging = new Staging(crew);
    this.#caller = new CallerCrew(runner, '');
    this.#small = small;
  }

  /** @throws Error after close() */
  checkOpen(op: string): void {
    if (this.#closing !== null) throw errorOf(op, CLOSED);
  }

  /** Whether a call in flight uses bytes of an array. */
  uses(array: OperandArray): boolean {
    for (const { call } of this.#running) {
      if (call.operands.some((operand) => operand !== null && overlap(operand, array))) return true;
    }
    return false;
  }

  async run(info: CallInfo, call: Call): Promise<void> {
    this.checkOpen(info.op);
    info.signal?.throwIfAborted();
    if (this.#isSmall(call)) {
      if (!this.#crew.computeHere(call)) this.#runner.run(call);
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
    const copies = call.operands[0] !== null && !this.#crew.sees(call.operands[0]);
    return (copies && size < this.#small.copied) || bytes > MOST_BLOCK_BYTES;
  }

  async #runOnCrew(info: CallInfo, call: Call): Promise<void> {
    const crew = this.#crew.gone ? this.#caller : this.#crew;
    const resident = makeResident(crew, call);
    const worker = resident === null ? this.#staging : crew;
    const { signal } = info;
    let cancel: (why: unknown) => void = () => undefined;
    let stopWaiting: (() => void) | undefined;
    const ended = new Promise<unknown>((done) => {
      const progress = this.#progressOf(info, call.rows, (why) => cancel(why));
      const task: Task = { call: resident?.call ?? call, block: null, progress, done };
      cancel = (why) => worker.cancel(task, why);
      if (signal !== undefined) stopWaiting = onAbort(signal, () => cancel(signal.reason));
      worker.submit(task);
    });
    const running: Running = { call, ended, cancel: (why) => cancel(why) };
    this.#running.add(running);
    const why = await ended;
    this.#running.delete(running);
    stopWaiting?.();
    if (why === null) resident?.copyOut();
    resident?.free();
    if (why !== null) throw errorOf(info.op, why);
    info.onProgress?.(call.rows, call.rows);
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

/** A failure of the threads begins with the operation's name; what a signal or a callback gave stays as it is. */
function errorOf(op: string, why: unknown): Error {
  return why instanceof Failure ? new why.ErrorClass(`${op}: ${why.text}`) : (why as Error);
}

function overlap(a: OperandArray, b: OperandArray): boolean {
  return (
    a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength
  );
}
