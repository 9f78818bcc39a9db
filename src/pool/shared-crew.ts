import {
  BY_MESSAGE,
  Control,
  DONE,
  FAILED,
  HIGH,
  LEFT,
  POSTED,
  REMAINING,
  REPORT,
  SLOTS,
  STOP,
  WAKE,
} from './control.js';
import { Block, type Crew, type Task } from './crew.js';
import type { Operand } from './kinds.js';
import type { PoolMemory } from './memory.js';
import type { FromWorker, Start } from './messages.js';
import { KeepAlive, startThread, type Thread } from './thread.js';

/** Elements of a chunk: some 25 µs of work. Chunks are many, so that the threads end at the same time. */
const CHUNK = 16384;
const MOST_CHUNKS = 4096;

/** How often a worker that dies before it is ready is started anew. */
const RETRIES = 3;

interface Active {
  task: Task;
  chunks: number;
  chunkRows: number;
  /** Set when the task is to end without being computed. */
  failure: { why: unknown } | null;
}

export interface CrewSettings {
  threads: number;
  url: string | URL | undefined;
  module: WebAssembly.Module | null;
}

/** Threads that share the pool's memory and talk through its control block. */
export class SharedCrew implements Crew {
  reason: string | null = null;
  readonly #memory: PoolMemory;
  readonly #control: Control;
  readonly #settings: CrewSettings;
  readonly #alive = new KeepAlive();
  /** By their lines in the control block; null for one that is gone. */
  readonly #threads: (Thread | null)[];
  readonly #active: (Active | null)[] = new Array<Active | null>(SLOTS).fill(null);
  readonly #queue: Task[] = [];
  #activeCount = 0;
  /** A wait for DONE is under way. */
  #waiting = false;
  #closed = false;

  constructor(memory: PoolMemory, settings: CrewSettings) {
    this.#memory = memory;
    this.#settings = settings;
    this.#control = new Control(memory.memory.buffer, settings.threads);
    this.#threads = new Array<Thread | null>(settings.threads).fill(null);
    if (!canWaitAsync()) this.#control.words[this.#control.header(BY_MESSAGE)] = 1;
  }

  /** @throws Error when no worker can be had */
  async start(): Promise<void> {
    this.#alive.hold();
    const outcomes = await Promise.allSettled(this.#threads.map((_, i) => this.#startThread(i)));
    this.#alive.release();
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    if (refused.length === 0) return;
    const why = (refused[0]!.reason as Error).message;
    if (this.threads === 0) {
      await this.close();
      throw new Error(why);
    }
    this.reason = `threads: ${refused.length} of ${outcomes.length} workers could not be started: ${why}`;
  }

  get threads(): number {
    return this.#threads.filter((thread) => thread !== null).length;
  }

  alloc(length: number): Float32Array {
    return this.#memory.alloc(length);
  }
  allocInt32(length: number): Int32Array {
    return this.#memory.allocInt32(length);
  }
  free(array: Operand): void {
    this.#memory.free(array);
  }
  sees(array: Operand): boolean {
    return this.#memory.has(array);
  }
  strays(array: Operand): boolean {
    return this.#memory.strays(array);
  }

  takeBlock(bytes: number): Block | null {
    try {
      return new Block(this.#memory.alloc(bytes / 4));
    } catch {
      return null;
    }
  }
  giveBlock(block: Block): void {
    this.#memory.free(block.array);
  }

  submit(task: Task): void {
    if (this.#activeCount === 0 && this.#queue.length === 0) this.#alive.hold();
    this.#queue.push(task);
    this.#pump();
    this.#wait();
  }

  cancel(task: Task, why: unknown): void {
    const queued = this.#queue.indexOf(task);
    if (queued >= 0) {
      this.#queue.splice(queued, 1);
      return task.done(why);
    }
    const slot = this.#active.findIndex((active) => active?.task === task);
    if (slot < 0) return;
    this.#fail(slot, why);
    this.#poll();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const control = this.#control;
    Atomics.store(control.words, control.header(STOP), 1);
    control.raise(WAKE);
    control.raise(DONE);
    const threads = this.#threads.splice(0);
    await Promise.all(threads.map((thread) => thread?.end() ?? Promise.resolve()));
    this.#alive.end();
  }

  /** Moves tasks from the queue into free slots. */
  #pump(): void {
    const control = this.#control;
    let published = false;
    while (this.#queue.length > 0 && this.#activeCount < SLOTS) {
      const task = this.#queue.shift()!;
      const slot = this.#active.indexOf(null);
      const { rows, cols } = task.job;
      const chunkRows = rowsOfChunk(rows, cols, this.threads);
      const high = control.header(HIGH);
      if (control.load(high) <= slot) Atomics.store(control.words, high, slot + 1);
      const chunks = control.publish(slot, task.job, chunkRows, task.progress !== null);
      this.#active[slot] = { task, chunks, chunkRows, failure: null };
      this.#activeCount++;
      published = true;
    }
    if (published) control.raise(WAKE);
  }

  /** Lets nobody take the rest of a job. */
  #fail(slot: number, why: unknown): void {
    const control = this.#control;
    this.#active[slot]!.failure ??= { why };
    Atomics.store(control.words, control.job(slot, REPORT), 1);
    Atomics.store(control.words, control.job(slot, REMAINING), 0);
  }

  /** Ends what is done. */
  #poll(): void {
    const control = this.#control;
    for (let slot = 0; slot < SLOTS; slot++) {
      const active = this.#active[slot]!;
      if (active === null) continue;
      const { task, chunks, chunkRows, failure } = active;
      const left = control.load(control.job(slot, LEFT));
      const failed = control.load(control.job(slot, FAILED)) !== 0;
      if (left === 0 && !failed) this.#finish(slot, null);
      else if (failure !== null && !this.#isTouched(slot)) this.#finish(slot, failure);
      else if (left < chunks && failure === null) task.progress?.((chunks - left) * chunkRows);
    }
    this.#pump();
  }

  /** Whether a live thread may be at work on a chunk of this slot. */
  #isTouched(slot: number): boolean {
    const control = this.#control;
    return this.#threads.some((thread, i) => thread !== null && control.load(control.line(i)) === slot + 1);
  }

  #finish(slot: number, failure: { why: unknown } | null): void {
    const { task } = this.#active[slot]!;
    this.#active[slot] = null;
    this.#activeCount--;
    if (this.#activeCount === 0 && this.#queue.length === 0) this.#alive.release();
    task.done(failure === null ? null : failure.why);
  }

  /** One wait for DONE at a time, and none while nothing is in flight. */
  #wait(): void {
    if (this.#waiting || this.#activeCount === 0 || this.#closed) return;
    const control = this.#control;
    if (control.load(control.header(BY_MESSAGE)) !== 0) return;
    const index = control.header(DONE);
    const seen = control.load(index);
    // What happened before `seen` was read has not been looked at yet.
    this.#poll();
    if (this.#activeCount === 0) return;
    this.#waiting = true;
    const { value } = (Atomics as WaitAsync).waitAsync!(control.words, index, seen);
    void Promise.resolve(value).then(() => {
      this.#waiting = false;
      this.#wait();
    });
  }

  #onMessage(message: FromWorker): void {
    const control = this.#control;
    if ('done' in message) {
      Atomics.store(control.words, control.header(POSTED), 0);
      this.#poll();
    } else if ('failed' in message) {
      const { slot } = message.failed;
      if (this.#active[slot]) this.#fail(slot, new Error(`a worker failed: ${message.failed.message}`));
      this.#poll();
      this.#wait();
    }
  }

  /** Starts the thread of a line; resolves when it is ready. */
  #startThread(index: number): Promise<void> {
    return new Promise((resolve, reject) => {
      let ready = false;
      const thread = startThread(this.#settings.url, {
        message: (message) => {
          if (!('ready' in message)) return this.#onMessage(message);
          ready = true;
          this.#threads[index] = thread;
          resolve();
        },
        died: (why) => {
          if (ready) this.#onDeath(index, why);
          else reject(new Error(why));
        },
      });
      const { threads, module } = this.#settings;
      const start: Start = { module, shared: { memory: this.#memory.memory, threads, thread: index } };
      try {
        thread.post({ start });
      } catch (error) {
        void thread.end();
        reject(error as Error);
      }
    });
  }

  /** The task it was at is lost; the others go on, and a new thread takes its place. */
  #onDeath(index: number, why: string): void {
    const control = this.#control;
    if (this.#closed) return;
    this.#threads[index] = null;
    const slot = Atomics.exchange(control.words, control.line(index), 0) - 1;
    if (slot >= 0 && this.#active[slot]) this.#fail(slot, new Error(`a worker died: ${why}`));
    this.#poll();
    this.#wait();
    void this.#replace(index);
  }

  async #replace(index: number): Promise<void> {
    for (let i = 0; i < RETRIES && !this.#closed; i++) {
      try {
        await this.#startThread(index);
        if (this.#closed) await this.#threads[index]?.end();
        return;
      } catch (error) {
        this.reason = `threads: a worker that died could not be replaced: ${(error as Error).message}`;
      }
    }
    if (this.threads > 0 || this.#closed) return;
    // Nobody is left to compute what waits.
    for (const task of this.#queue.splice(0)) task.done(new Error(this.reason!));
    this.#active.forEach((active, slot) => {
      if (active !== null) this.#fail(slot, new Error(this.reason!));
    });
    this.#poll();
  }
}

/** Many chunks a thread, of whole groups of 16 rows: a cache line of row results is one thread's. */
function rowsOfChunk(rows: number, cols: number, threads: number): number {
  const wanted = Math.max(CHUNK / cols, rows / MOST_CHUNKS, 1);
  const even = Math.ceil(rows / threads);
  return Math.min(wanted < 16 ? Math.ceil(wanted) : 16 * Math.ceil(wanted / 16), even);
}

/** ES2024, which the compiler's libraries for this package do not have. */
interface WaitAsync {
  waitAsync?(array: Int32Array, index: number, value: number): { value: string | Promise<string> };
}

/** Deno's does not wake. */
function canWaitAsync(): boolean {
  return typeof (Atomics as WaitAsync).waitAsync === 'function' && !('Deno' in globalThis);
}
