import type { OperandArray } from '../operand.js';
import type { Call, Runner } from '../operation.js';
import { cutAfter, partOfCall } from './part.js';
import type { Block, Crew, Task } from './crew.js';
import { bufferOf } from '../view.js';
import { lostArray } from './lost-array.js';
import { ordinaryArena } from './ordinary-arena.js';

/** Elements between two looks at what else the program has to do: about a millisecond. */
const SLICE = 1 << 20;

/** No threads: the calling one computes, a slice at a time, so that timers, signals and other calls get their turn. */
export class CallerCrew implements Crew {
  readonly threads = 1;
  readonly gone = false;
  readonly looksAtRows = false;
  readonly reason: string;
  readonly #runner: Runner;
  readonly #arena = ordinaryArena();
  readonly #queue: { task: Task; next: number }[] = [];
  #atWork = false;

  constructor(runner: Runner, reason: string) {
    this.#runner = runner;
    this.reason = reason;
  }

  alloc(length: number): Float32Array {
    return this.#arena.alloc(length);
  }
  allocInt32(length: number): Int32Array {
    return this.#arena.allocInt32(length);
  }
  free(array: Float32Array | Int32Array): void {
    this.#arena.free(array);
  }
  /** It sees every array where it lies, so no block is ever asked for. */
  sees(): boolean {
    return true;
  }
  meet(): void {
    // Nothing is new to the calling thread.
  }
  reaches(): boolean {
    return true;
  }
  isOneMemory(a: OperandArray, b: OperandArray): boolean {
    return bufferOf(a) === bufferOf(b);
  }
  strays(): boolean {
    return false;
  }
  computeHere(): boolean {
    return false;
  }
  takeBlock(): Block | null {
    return null;
  }
  giveBlock(): void {
    // None is taken.
  }

  submit(task: Task): void {
    this.#queue.push({ task, next: 0 });
    if (this.#atWork) return;
    this.#atWork = true;
    laterOn(() => this.#work());
  }

  cancel(task: Task, why: unknown): void {
    const at = this.#queue.findIndex((entry) => entry.task === task);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    task.done(why);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** One slice of the first task, which then goes to the end of the queue. */
  #work(): void {
    const entry = this.#queue.shift();
    if (entry === undefined) {
      this.#atWork = false;
      return;
    }
    const { task, next } = entry;
    const { rows, cols }: Call = task.call;
    const to = cutAfter(task.call, next, Math.max(1, Math.floor(SLICE / cols)));
    let error: unknown = null;
    try {
      const part = partOfCall(task.call, next, to);
      // The sum goes on where the rows before it end.
      part.total = task.call.total;
      this.#runner.run(part);
      task.call.total = part.total;
    } catch (thrown) {
      error = lostArray(task.call) ?? thrown;
    }
    if (error !== null || to === rows) {
      task.done(error);
    } else {
      this.#queue.push({ task, next: to });
      task.progress?.(to);
    }
    laterOn(() => this.#work());
  }
}

/** After what waits in the event loop; browsers have no setImmediate. */
function laterOn(work: () => void): void {
  if (typeof setImmediate === 'function') setImmediate(work);
  else setTimeout(work, 0);
}
