import type { Allocator } from '../arena.js';
import type { OperandArray } from '../operand.js';
import { bufferOf } from '../view.js';
import { Block, type Crew, Failure, type Task } from './crew.js';
import type { FromWorker, Modules, ReadingModules } from './messages.js';
import { ordinaryArena } from './ordinary-arena.js';
import { post } from './posted.js';
import { Workers } from './workers.js';

/** Blocks on their way to one worker: one in work, one waiting. */
const AHEAD = 2;

interface Sent {
  task: Task;
  failure: { why: unknown } | null;
}

/** Threads without shared memory: blocks of rows are transferred to them and back, which copies nothing. */
export class MessageCrew implements Crew {
  readonly looksAtRows = false;
  readonly #workers: Workers;
  readonly #why: string;
  readonly #arena: Allocator = ordinaryArena();
  /** What each worker has been sent, in order: it answers in order. */
  readonly #sent: Sent[][];
  readonly #queue: Task[] = [];

  /** @param why memory cannot be shared */
  constructor(threads: number, url: string | undefined, modules: Modules, reading: ReadingModules | null, why: string) {
    this.#why = `threads: rows travel by message: ${why}`;
    this.#sent = Array.from({ length: threads }, () => []);
    this.#workers = new Workers(threads, url, () => ({ ...modules, reading, shared: null }), {
      message: (index, message) => this.#onMessage(index, message),
      died: (index, text) => this.#onDeath(index, text),
      replaced: () => this.#pump(),
      lost: () => this.#onLoss(),
    });
  }

  /** @throws Error when not one worker can be had */
  start(): Promise<void> {
    return this.#workers.start();
  }

  get threads(): number {
    return this.#workers.count;
  }
  get gone(): boolean {
    return this.#workers.gone;
  }
  get reason(): string | null {
    return this.#workers.reason ?? this.#why;
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
  sees(): boolean {
    return false;
  }
  meet(): void {
    // Buffers travel, none is kept.
  }
  reaches(): boolean {
    return false;
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

  takeBlock(bytes: number): Block | null {
    try {
      return new Block(new Float32Array(bytes / 4));
    } catch {
      return null;
    }
  }
  giveBlock(): void {
    // The garbage collector's.
  }

  submit(task: Task): void {
    if (this.gone) return task.done(new Failure(this.reason!));
    this.#workers.keepAlive(true);
    this.#queue.push(task);
    this.#pump();
  }

  cancel(task: Task, why: unknown): void {
    const queued = this.#queue.indexOf(task);
    if (queued >= 0) {
      this.#queue.splice(queued, 1);
      this.#rest();
      return task.done(why);
    }
    for (const list of this.#sent) {
      const sent = list.find((entry) => entry.task === task);
      if (sent) sent.failure ??= { why };
    }
  }

  async close(): Promise<void> {
    await this.#workers.end();
  }

  #rest(): void {
    if (this.#queue.length === 0 && this.#sent.every((list) => list.length === 0)) this.#workers.keepAlive(false);
  }

  /** Gives tasks to the workers that have the fewest. */
  #pump(): void {
    while (this.#queue.length > 0) {
      let best = -1;
      this.#sent.forEach((list, i) => {
        if (!this.#workers.isAlive(i) || list.length >= AHEAD) return;
        if (best < 0 || list.length < this.#sent[best]!.length) best = i;
      });
      if (best < 0) return;
      const task = this.#queue.shift()!;
      const block = task.block!.array.buffer as ArrayBuffer;
      this.#sent[best]!.push({ task, failure: null });
      this.#workers.post(best, { rows: { posted: post(task.call), block } }, [block]);
    }
  }

  #onMessage(index: number, message: FromWorker): void {
    if (!('rows' in message)) return;
    const { block, error } = message.rows;
    const { task, failure } = this.#sent[index]!.shift()!;
    task.block!.array = new Float32Array(block);
    this.#pump();
    this.#rest();
    if (failure !== null) task.done(failure.why);
    else task.done(error === null ? null : new Failure(`a worker failed: ${error}`));
  }

  /** All that it had been sent is gone with it. */
  #onDeath(index: number, why: string): void {
    const lost = this.#sent[index]!.splice(0);
    this.#pump();
    this.#rest();
    for (const { task, failure } of lost)
      task.done(failure === null ? new Failure(`a worker died: ${why}`) : failure.why);
  }

  #onLoss(): void {
    if (!this.gone) return;
    for (const task of this.#queue.splice(0)) task.done(new Failure(this.reason!));
  }
}
