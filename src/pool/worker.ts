import { messageOf } from '../check.js';
import type { Call, Runner } from '../operation.js';
import { scalarRunner } from '../scalar/runner.js';
import { Area, AREA_BYTES } from '../wasm/area.js';
import { type Kernels, kernelsOver, withDecisions } from '../wasm/kernels.js';
import type { Reader } from '../wasm/reader-module.js';
import { WasmRunner } from '../wasm/runner.js';
import { partOfCall } from './part.js';
import {
  BY_MESSAGE,
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
  STOP,
  WAKE,
} from './control.js';
import type { FromWorker, News, ReadingModules, Rows, Start, ToWorker } from './messages.js';
import { addInTurn } from './in-turn.js';
import { arrayAt, endOf, MOST_OPERANDS, type Place, type Posted, receive } from './posted.js';

// A thread of the pool. scripts/build.mjs makes one classic script of this file and what it imports.

/** How this thread hears and speaks: worker_threads where there are, else the scope of a Web Worker. */
interface Port {
  postMessage(message: FromWorker, transfer?: ArrayBuffer[]): void;
  on?(event: 'message', listener: (message: ToWorker) => void): void;
}

function findPort(): Port {
  const port = globalThis.process?.getBuiltinModule?.('node:worker_threads')?.parentPort as Port | null | undefined;
  return port ?? (globalThis as unknown as Port);
}

const port = findPort();
const say = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

/** Computes what `posted` names on operands in a memory. */
type Compute = (posted: Posted) => void;

const NO_POINTERS: readonly number[] = new Array<number>(MOST_OPERANDS).fill(0);
const noArray = () => new Float32Array(0);

function computeIn(area: Area): Compute {
  return (posted) => {
    area.begin(receive({ ...posted, pointers: NO_POINTERS }, noArray));
    area.run(posted.pointers, posted.rows, 0);
  };
}

/** What an operand lies in. */
type BufferOf = (place: Place) => ArrayBufferLike;

/** By a runner to which the arrays are ordinary ones. */
function runOn(runner: Runner, bufferOf: BufferOf): Compute {
  return (posted) => runner.run(callOf(posted, bufferOf));
}

function callOf(posted: Posted, bufferOf: BufferOf): Call {
  const call = receive(posted, (place) => arrayAt(bufferOf(place), place));
  return posted.layout === null ? call : partOfCall(call, posted.from, posted.to);
}

/** Rows as they are, which are read into a memory of this thread's own. */
function readingOn({ tier, kernels, reader, decisions }: ReadingModules, bufferOf: BufferOf): Compute {
  const instantiate = () => new WebAssembly.Instance(kernels).exports as unknown as Kernels;
  const open = (memory: WebAssembly.Memory) =>
    reader && (new WebAssembly.Instance(reader, { env: { memory } }).exports as unknown as Reader);
  let compute: Compute | null = null;
  return (posted) => {
    compute ??= runOn(new WasmRunner(instantiate(), tier, undefined, instantiate, open, decisions), bufferOf);
    compute(posted);
  };
}

/** Plain rows of this memory where they lie, others copied. */
function computeBoth(plain: Compute, copied: Compute): Compute {
  return (posted) => (posted.layout === null && posted.buffers === null ? plain(posted) : copied(posted));
}

/** A chunk, by the job's slot and what REMAINING was when it was taken. */
interface Chunk {
  slot: number;
  remaining: number;
}

/**
 * Takes chunks of the published jobs until STOP, and sleeps while there are none. To hear messages a thread must return to
 * its event loop: `run` does that when there is news, and `hear` goes on, or begins.
 */
class SharedThread {
  readonly #control: Control;
  readonly #compute: Compute;
  readonly #bufferOf: BufferOf;
  readonly #line: number;
  /** Buffers of the program's own, by their numbers, and how many news of them have come. */
  readonly #foreign = new Map<number, ArrayBufferLike>();
  #heard = 0;
  /** In work, or to be computed when the news have come. */
  #taken: Chunk | null = null;
  /** The slot after the last one served: the jobs take turns. */
  #next = 0;

  constructor({ module, decisions, reading, shared }: Start) {
    const { memory, threads, thread } = shared!;
    this.#control = new Control(memory.buffer, threads);
    this.#line = this.#control.line(thread);
    const bufferOf = (place: Place) => {
      if (place.buffer > 0) return this.#known(place.buffer);
      // Another thread's growth may not have reached this view of the memory: growing by nothing fetches it.
      if (memory.buffer.byteLength < endOf(place)) memory.grow(0);
      return memory.buffer;
    };
    this.#bufferOf = bufferOf;
    if (module === null) {
      this.#compute = runOn(scalarRunner, bufferOf);
      return;
    }
    const area = new Area(kernelsOver(memory, module, decisions), memory, layout(threads).areas + thread * AREA_BYTES);
    this.#compute = computeBoth(computeIn(area), readingOn(reading!, bufferOf));
  }

  #run(): void {
    const control = this.#control;
    const wake = control.header(WAKE);
    while (control.load(control.header(STOP)) === 0) {
      const seen = control.load(wake);
      this.#taken ??= this.#take();
      // Told before the job was published: whoever has a chunk of it sees here that there is something to hear.
      if (control.load(control.header(ROUND)) !== this.#heard) return;
      if (this.#taken === null) Atomics.wait(control.words, wake, seen);
      else this.#serve(this.#taken);
    }
  }

  hear({ round, more, less }: News): void {
    for (const [id, buffer] of more) this.#foreign.set(id, buffer);
    for (const id of less) this.#foreign.delete(id);
    this.#heard = round;
    this.#run();
  }

  #known(id: number): ArrayBufferLike {
    const buffer = this.#foreign.get(id);
    // From undefined a typed array is made, too: an empty one.
    if (buffer === undefined) throw new Error(`expected to know buffer ${id}`);
    return buffer;
  }

  /** Takes a chunk; null when no job has one left. */
  #take(): Chunk | null {
    const control = this.#control;
    const high = control.load(control.header(HIGH));
    for (let i = 0; i < high; i++) {
      const slot = (this.#next + i) % high;
      if (control.load(control.job(slot, REMAINING)) <= 0) continue;
      // Before taking: should this thread end in between, its line says whose chunk may be lost.
      Atomics.store(control.words, this.#line, slot + 1);
      const remaining = Atomics.sub(control.words, control.job(slot, REMAINING), 1);
      if (remaining > 0) {
        this.#next = slot + 1;
        return { slot, remaining };
      }
      this.#leave(slot, false);
    }
    return null;
  }

  #serve({ slot, remaining }: Chunk): void {
    const isLast = this.#computeChunk(slot, remaining);
    this.#taken = null;
    this.#leave(slot, isLast);
  }

  #leave(slot: number, report: boolean): void {
    const control = this.#control;
    Atomics.store(control.words, this.#line, 0);
    if (report || control.load(control.job(slot, REPORT)) !== 0) this.#report();
  }

  /** Returns true for the last chunk of its job. */
  #computeChunk(slot: number, remaining: number): boolean {
    const control = this.#control;
    const chunk = control.chunkAfter(slot, remaining);
    const kind = control.kind(slot);
    try {
      if (kind === 'survey') this.#survey(slot, chunk);
      else this.#compute(control.read(slot, chunk));
      if (kind === 'sum') addInTurn(control, slot, chunk, this.#bufferOf);
    } catch (error) {
      Atomics.store(control.words, control.job(slot, FAILED), 1);
      say({ failed: { slot, message: messageOf(error) } });
    }
    return Atomics.sub(control.words, control.job(slot, LEFT), 1) === 1;
  }

  #survey(slot: number, chunk: number): void {
    const { words } = this.#control;
    const call = callOf(this.#control.read(slot, chunk), this.#bufferOf);
    try {
      Atomics.add(words, this.#control.job(slot, COUNTED), call.operation.survey!(call));
    } catch {
      // The calling thread finds the first that is wrong.
      Atomics.store(words, this.#control.job(slot, REFUSED), 1);
    }
  }

  #report(): void {
    const control = this.#control;
    control.raise(DONE);
    if (control.load(control.header(BY_MESSAGE)) === 0) return;
    if (Atomics.exchange(control.words, control.header(POSTED), 1) === 0) say({ done: true });
  }
}

/** Where blocks go in a memory of this thread's own. */
const BLOCK = 2 * AREA_BYTES;
const PAGE = 65536;

/** Computes each block that comes and sends it back. */
function makeRowsThread({ module, decisions, reading }: Start): (rows: Rows) => void {
  let current = new ArrayBuffer(0);
  const laid = reading === null ? runOn(scalarRunner, () => current) : readingOn(reading, () => current);
  const computeLaid = ({ posted, block }: Rows) => {
    current = block;
    laid(posted);
  };
  if (module === null) return answering(computeLaid);
  const kernels = withDecisions(new WebAssembly.Instance(module).exports as unknown as Kernels, decisions);
  const { memory } = kernels;
  memory.grow(Math.ceil(BLOCK / PAGE));
  let compute = computeIn(new Area(kernels, memory, AREA_BYTES));
  return answering((rows) => {
    if (rows.posted.layout !== null) return computeLaid(rows);
    const { posted, block } = rows;
    const short = BLOCK + block.byteLength - memory.buffer.byteLength;
    if (short > 0) {
      memory.grow(Math.ceil(short / PAGE));
      compute = computeIn(new Area(kernels, memory, AREA_BYTES));
    }
    const place = new Float32Array(memory.buffer, BLOCK, block.byteLength / 4);
    const floats = new Float32Array(block);
    place.set(floats);
    compute({ ...posted, pointers: posted.pointers.map((pointer) => (pointer === 0 ? 0 : pointer + BLOCK)) });
    floats.set(place);
  });
}

function answering(compute: (rows: Rows) => void): (rows: Rows) => void {
  return (rows) => {
    let error: string | null = null;
    try {
      compute(rows);
    } catch (thrown) {
      error = messageOf(thrown);
    }
    say({ rows: { block: rows.block, error } }, [rows.block]);
  };
}

let onRows: (rows: Rows) => void;
let thread: SharedThread;

function listen(message: ToWorker): void {
  if ('rows' in message) return onRows(message.rows);
  if ('news' in message) return thread.hear(message.news);
  if (message.start.shared === null) {
    onRows = makeRowsThread(message.start);
    return say({ ready: true });
  }
  thread = new SharedThread(message.start);
  say({ ready: true });
}

if (port.on) port.on('message', listen);
else globalThis.onmessage = (event: MessageEvent<ToWorker>) => listen(event.data);
