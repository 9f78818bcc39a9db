import type { OperandArray } from '../operand.js';
import type { Call } from '../operation.js';
import { PLAIN } from '../rows.js';
import { Area, AREA_BYTES } from '../wasm/area.js';
import { kernelsOver } from '../wasm/kernels.js';
import {
  BY_MESSAGE,
  chunksOf,
  Control,
  COUNTED,
  DONE,
  FAILED,
  HIGH,
  layout,
  LEFT,
  POSTED,
  REFUSED,
  REMAINING,
  REPORT,
  ROUND,
  SLOTS,
  STOP,
  WAKE,
} from './control.js';
import { Block, type Crew, Failure, type Task } from './crew.js';
import { PoolMemory } from './memory.js';
import { ForeignBuffers } from './foreign.js';
import type { FromWorker, Modules, News, ReadingModules } from './messages.js';
import { pointersOf } from './posted.js';
import { bufferOf } from '../view.js';
import { Workers } from './workers.js';

/** Elements of a chunk: some 15 µs of work. Chunks are many, so that the threads end at the same time. */
const CHUNK = 16384;
const MOST_CHUNKS = 4096;

/** A task in a slot of the control block. */
interface Active {
  task: Task;
  chunks: number;
  chunkRows: number;
  /** A word for each chunk, where rows are summed. */
  marks: Int32Array | null;
  /** Set when the rest of it is not to be computed. */
  failure: { why: unknown } | null;
}

/** Threads that share the pool's memory and talk through its control block. */
export class SharedCrew implements Crew {
  readonly looksAtRows = true;
  readonly #memory: PoolMemory;
  readonly #control: Control;
  readonly #workers: Workers;
  readonly #foreign = new ForeignBuffers((news) => this.#tell(news));
  #round = 0;
  readonly #modules: Modules;
  /** The kernels on this memory for the calling thread; null on the scalar tier. */
  #area: Area | null = null;
  readonly #size: number;
  readonly #active: (Active | null)[] = new Array<Active | null>(SLOTS).fill(null);
  readonly #queue: Task[] = [];
  #activeCount = 0;
  /** A wait for DONE is under way. */
  #waiting = false;
  #polling = false;
  #pollAgain = false;

  /** @throws RangeError where no memory can be shared */
  constructor(threads: number, url: string | undefined, modules: Modules, reading: ReadingModules | null) {
    this.#size = threads;
    this.#modules = modules;
    // The calling thread has an area too, the last one.
    const areas = threads + 1;
    this.#memory = new PoolMemory(areas);
    const { memory } = this.#memory;
    this.#control = new Control(memory.buffer, areas);
    const shared = (thread: number) => ({ memory, threads: areas, thread });
    this.#workers = new Workers(threads, url, (thread) => ({ ...modules, reading, shared: shared(thread) }), {
      ready: (index) => {
        // With the first news it begins: not before it counts as alive, as nobody else's line is looked at.
        const news = { round: this.#round, more: this.#foreign.all, less: [] };
        this.#workers.post(index, { news }, []);
      },
      message: (_, message) => this.#onMessage(message),
      died: (index, why) => this.#onDeath(index, why),
      replaced: () => this.#poll(),
      lost: () => this.#onLoss(),
    });
    if (!canWaitAsync()) this.#control.words[this.#control.header(BY_MESSAGE)] = 1;
  }

  /** @throws Error when not one worker can be had */
  async start(): Promise<void> {
    const { module, decisions } = this.#modules;
    if (module !== null) {
      const { memory } = this.#memory;
      const at = layout(this.#size + 1).areas + this.#size * AREA_BYTES;
      this.#area = new Area(kernelsOver(memory, module, decisions), memory, at);
    }
    await this.#workers.start();
  }

  /** In place, where the kernels see all operands: an engine would copy them. */
  computeHere(call: Call): boolean {
    if (
      this.#area === null ||
      call.layout !== PLAIN ||
      !call.operands.every((array) => array === null || this.sees(array))
    )
      return false;
    this.#area.begin(call);
    this.#area.run(pointersOf(call), call.rows, 0);
    call.total = this.#area.total;
    return true;
  }

  get threads(): number {
    return this.#workers.count;
  }
  get gone(): boolean {
    return this.#workers.gone;
  }
  get reason(): string | null {
    return this.#workers.reason;
  }

  alloc(length: number): Float32Array {
    return this.#memory.alloc(length);
  }
  allocInt32(length: number): Int32Array {
    return this.#memory.allocInt32(length);
  }
  free(array: Float32Array | Int32Array): void {
    this.#memory.free(array);
  }
  sees(array: OperandArray): boolean {
    return this.#memory.has(array);
  }
  meet({ operands }: Call): void {
    // An array for each: two on one buffer are met once.
    const buffers = new Map(operands.flatMap((array) => (array === null ? [] : [[bufferOf(array), array]])));
    for (const array of buffers.values()) if (!this.sees(array)) this.#foreign.meet(array);
  }
  reaches(array: OperandArray): boolean {
    return this.sees(array) || this.#foreign.idOf(array) > 0;
  }
  isOneMemory(a: OperandArray, b: OperandArray): boolean {
    return bufferOf(a) === bufferOf(b) || (this.#memory.has(a) && this.#memory.has(b));
  }
  strays(array: OperandArray): boolean {
    return this.#memory.strays(array);
  }

  takeBlock(bytes: number): Block | null {
    try {
      return new Block(this.#memory.take(bytes / 4));
    } catch {
      return null;
    }
  }
  giveBlock(block: Block): void {
    this.#memory.free(block.array);
  }

  submit(task: Task): void {
    if (this.gone) return task.done(new Failure(this.reason!));
    if (this.#isIdle()) this.#workers.keepAlive(true);
    this.#queue.push(task);
    this.#pump();
    this.#wait();
  }

  cancel(task: Task, why: unknown): void {
    const queued = this.#queue.indexOf(task);
    if (queued >= 0) {
      this.#queue.splice(queued, 1);
      if (this.#isIdle()) this.#workers.keepAlive(false);
      return task.done(why);
    }
    const slot = this.#active.findIndex((active) => active?.task === task);
    if (slot < 0) return;
    this.#fail(slot, why);
    this.#poll();
  }

  async close(): Promise<void> {
    const control = this.#control;
    Atomics.store(control.words, control.header(STOP), 1);
    control.raise(WAKE);
    // Lets go of a wait that an aborted call has left.
    control.raise(DONE);
    await this.#workers.end();
  }

  /** Workers sleep without hearing messages: that there is one they see in shared memory. */
  #tell(news: Omit<News, 'round'>): void {
    const control = this.#control;
    const round = this.#round + 1;
    this.#workers.postAll({ news: { ...news, round } });
    this.#round = round;
    Atomics.store(control.words, control.header(ROUND), round);
    control.raise(WAKE);
  }

  #isIdle(): boolean {
    return this.#activeCount === 0 && this.#queue.length === 0;
  }

  /** Moves tasks from the queue into free slots. */
  #pump(): void {
    const control = this.#control;
    let published = false;
    while (this.#queue.length > 0 && this.#activeCount < SLOTS) {
      const task = this.#queue.shift()!;
      const slot = this.#active.indexOf(null);
      const { call, kind } = task;
      const { inner } = call.layout;
      const wanted = rowsOfChunk(call.rows, kind === 'survey' ? 1 : call.cols, this.#size);
      const chunkRows = wanted < inner ? wanted : wanted - (wanted % inner);
      const chunks = chunksOf(call, chunkRows);
      let marks: Int32Array | null;
      try {
        marks = kind === 'sum' ? this.#memory.allocInt32(chunks) : null;
      } catch {
        task.done(new Failure(`expected memory for ${4 * chunks} bytes beside its arrays, got none`, RangeError));
        if (this.#isIdle()) this.#workers.keepAlive(false);
        continue;
      }
      const high = control.header(HIGH);
      if (control.load(high) <= slot) Atomics.store(control.words, high, slot + 1);
      const buffers = call.operands.map((array) =>
        array === null || this.sees(array) ? 0 : this.#foreign.idOf(array),
      );
      control.publish(slot, task, { chunks, chunkRows, marks: marks === null ? 0 : marks.byteOffset, buffers });
      this.#active[slot] = { task, chunks, chunkRows, marks, failure: null };
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

  /** Ends what is done. What that calls may submit or cancel: then the slots are looked at once more. */
  #poll(): void {
    this.#pollAgain = true;
    if (this.#polling) return;
    this.#polling = true;
    while (this.#pollAgain) {
      this.#pollAgain = false;
      for (let slot = 0; slot < SLOTS; slot++) this.#pollSlot(slot);
      this.#pump();
    }
    this.#polling = false;
  }

  #pollSlot(slot: number): void {
    const active = this.#active[slot]!;
    if (active === null) return;
    const control = this.#control;
    const { task, chunks, chunkRows, failure } = active;
    const left = control.load(control.job(slot, LEFT));
    const failed = control.load(control.job(slot, FAILED)) !== 0;
    if (left === 0 && !failed) this.#finish(slot, null);
    else if (failure !== null && !this.#isTouched(slot)) this.#finish(slot, failure.why);
    else if (left < chunks && failure === null) task.progress?.((chunks - left) * chunkRows);
  }

  /** Whether a live thread may be at work on a chunk of this slot. */
  #isTouched(slot: number): boolean {
    const control = this.#control;
    for (let i = 0; i < this.#size; i++) {
      if (this.#workers.isAlive(i) && control.load(control.line(i)) === slot + 1) return true;
    }
    return false;
  }

  #finish(slot: number, why: unknown): void {
    const control = this.#control;
    const { task, marks } = this.#active[slot]!;
    if (task.kind === 'sum') task.call.total = control.total(slot);
    if (task.kind === 'survey') {
      const isRefused = control.load(control.job(slot, REFUSED)) !== 0;
      task.call.total = isRefused ? NaN : control.load(control.job(slot, COUNTED));
    }
    if (marks !== null) this.#memory.free(marks);
    this.#active[slot] = null;
    this.#activeCount--;
    if (this.#isIdle()) this.#workers.keepAlive(false);
    task.done(why);
  }

  /** One wait for DONE at a time, and none while nothing is in flight. */
  #wait(): void {
    const control = this.#control;
    if (this.#waiting || this.#activeCount === 0 || control.load(control.header(BY_MESSAGE)) !== 0) return;
    const index = control.header(DONE);
    const seen = control.load(index);
    // What happened before `seen` was read has not been looked at yet.
    this.#poll();
    if (this.#waiting || this.#activeCount === 0) return;
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
    } else if ('failed' in message) {
      const { slot } = message.failed;
      // The word says so, too, unless it was of a job before this one.
      const isOfThis = control.load(control.job(slot, FAILED)) !== 0;
      if (this.#active[slot] && isOfThis) this.#fail(slot, new Failure(`a worker failed: ${message.failed.message}`));
    }
    this.#poll();
    this.#wait();
  }

  /** The task it was at is lost; the others go on. */
  #onDeath(index: number, why: string): void {
    const control = this.#control;
    const slot = Atomics.exchange(control.words, control.line(index), 0) - 1;
    if (slot >= 0 && this.#active[slot]) this.#fail(slot, new Failure(`a worker died: ${why}`));
    this.#poll();
    this.#wait();
  }

  /** Without any worker nobody computes what waits. */
  #onLoss(): void {
    if (!this.gone) return;
    const why = new Failure(this.reason!);
    this.#active.forEach((active, slot) => {
      if (active !== null) this.#fail(slot, why);
    });
    for (const task of this.#queue.splice(0)) task.done(why);
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
