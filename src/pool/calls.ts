import type { Backend } from '../backend.js';
import { CallerCrew } from './caller-crew.js';
import { type Crew, Failure, type Task } from './crew.js';
import { computeJob, type Job, type Operand } from './kinds.js';
import { makeResident } from './narrow.js';
import { layOut, MOST_BLOCK_BYTES, Staging } from './staging.js';

/** What a call says beside its job. */
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
  job: Job;
  /** Resolves to null, or to why it failed. */
  ended: Promise<unknown>;
  cancel(why: unknown): void;
}

const CLOSED = new Failure('expected the pool to be open, got a closed one');

/** Computes jobs: here when they are small, else by the crew. */
export class Calls {
  readonly #backend: Backend;
  readonly #crew: Crew;
  readonly #staging: Staging;
  /** Takes over where all threads are gone for good. */
  readonly #caller: CallerCrew;
  readonly #small: Small;
  readonly #running = new Set<Running>();
  #closing: Promise<void> | null = null;

  constructor(backend: Backend, crew: Crew, small: Small) {
    this.#backend = backend;
    this.#crew = crew;
    this.#staging = new Staging(crew);
    this.#caller = new CallerCrew(backend, '');
    this.#small = small;
  }

  /** @throws Error after close() */
  checkOpen(op: string): void {
    if (this.#closing !== null) throw errorOf(op, CLOSED);
  }

  /** Whether a call in flight uses bytes of an array. */
  uses(array: Operand): boolean {
    for (const { job } of this.#running) {
      if (job.operands.some((operand) => operand !== null && overlap(operand, array))) return true;
    }
    return false;
  }

  async run(info: CallInfo, job: Job): Promise<void> {
    this.checkOpen(info.op);
    info.signal?.throwIfAborted();
    if (this.#isSmall(job)) {
      if (!this.#crew.computeHere(job)) computeJob(this.#backend, job);
      info.onProgress?.(job.rows, job.rows);
    } else {
      await this.#runOnCrew(info, job);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const running = [...this.#running];
    for (const call of running) call.cancel(CLOSED);
    await Promise.all(running.map(({ ended }) => ended));
    await this.#crew.close();
  }

  /** Or of a row so long that it is better streamed than copied as a whole. */
  #isSmall(job: Job): boolean {
    const size = job.rows * job.cols;
    if (size < this.#small.shared) return true;
    const { bytes } = layOut(this.#crew, job, 1);
    const copies = job.operands[0] !== null && !this.#crew.sees(job.operands[0]!);
    return (copies && size < this.#small.copied) || bytes > MOST_BLOCK_BYTES;
  }

  async #runOnCrew(info: CallInfo, job: Job): Promise<void> {
    const crew = this.#crew.gone ? this.#caller : this.#crew;
    const resident = makeResident(crew, job);
    const worker = resident === null ? this.#staging : crew;
    const { signal } = info;
    let cancel: (why: unknown) => void = () => undefined;
    const abort = () => cancel(signal!.reason);
    const ended = new Promise<unknown>((done) => {
      const progress = this.#progressOf(info, job, (why) => cancel(why));
      const task: Task = { job: resident?.job ?? job, block: null, progress, done };
      cancel = (why) => worker.cancel(task, why);
      signal?.addEventListener('abort', abort);
      worker.submit(task);
    });
    const running: Running = { job, ended, cancel };
    this.#running.add(running);
    const why = await ended;
    this.#running.delete(running);
    signal?.removeEventListener('abort', abort);
    if (why === null) resident?.copyOut();
    resident?.free();
    if (why !== null) throw errorOf(info.op, why);
    info.onProgress?.(job.rows, job.rows);
  }

  /** Progress that rises and stays below all rows: the last word is said when the call has ended. */
  #progressOf({ onProgress }: CallInfo, job: Job, cancel: (why: unknown) => void): Task['progress'] {
    if (onProgress === undefined) return null;
    let last = 0;
    return (rows) => {
      if (rows <= last || rows >= job.rows) return;
      last = rows;
      try {
        onProgress(rows, job.rows);
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

function overlap(a: Operand, b: Operand): boolean {
  return (
    a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.byteLength && b.byteOffset < a.byteOffset + a.byteLength
  );
}
