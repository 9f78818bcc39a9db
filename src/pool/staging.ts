import type { Block, Crew, Task } from './crew.js';
import { elements, type Job, KINDS, type Operand, rowsOf } from './kinds.js';

/** Bytes of a block: large enough to outlast its round trip, small enough for the caches. */
const BLOCK_BYTES = 1 << 18;
/** A chunk of more bytes than this is not copied as a whole: its row is the calling thread's. */
export const MOST_BLOCK_BYTES = 1 << 28;

/** Where an operand of a chunk comes from: the caller's array itself, or bytes [at, …) of the block. */
interface Copied {
  at: number;
  /** Shares its bytes with the copy of an input, whose place it takes. */
  shares: boolean;
}

interface StagedCall {
  job: Job;
  plan: (Copied | null)[];
  chunkRows: number;
  blockBytes: number;
  next: number;
  inFlight: Set<Task>;
  rowsDone: number;
  failure: { why: unknown } | null;
  outer: Task;
}

/**
 * Calls over arrays that the threads do not see: rows are copied into blocks of memory that they do see, computed there,
 * and copied back, some blocks ahead of the threads. Calls take turns block by block, so memory is bounded and none
 * waits for another to end.
 */
export class Staging {
  readonly #crew: Crew;
  readonly #calls: StagedCall[] = [];
  readonly #blocks: Block[] = [];
  #blocksInFlight = 0;

  constructor(crew: Crew) {
    this.#crew = crew;
  }

  submit(outer: Task): void {
    const call = this.#plan(outer);
    this.#calls.push(call);
    this.#pump();
  }

  cancel(outer: Task, why: unknown): void {
    for (const call of this.#allCalls()) {
      if (call.outer !== outer) continue;
      this.#fail(call, why);
    }
  }

  readonly #running = new Set<StagedCall>();

  #allCalls(): StagedCall[] {
    return [...this.#running];
  }

  #plan(outer: Task): StagedCall {
    const { job } = outer;
    const sizes = (rows: number) => layOut(this.#crew, job, rows);
    const oneRow = sizes(1).bytes;
    const chunkRows = Math.max(1, Math.min(job.rows, Math.floor(BLOCK_BYTES / oneRow)));
    const { plan, bytes } = sizes(chunkRows);
    const call: StagedCall = {
      job,
      plan,
      chunkRows,
      blockBytes: Math.max(bytes, BLOCK_BYTES),
      next: 0,
      inFlight: new Set(),
      rowsDone: 0,
      failure: null,
      outer,
    };
    this.#running.add(call);
    return call;
  }

  /** Two blocks a thread: one in work, one ready. */
  #pump(): void {
    while (this.#calls.length > 0 && this.#blocksInFlight < 2 * this.#crew.threads) {
      const call = this.#calls.shift()!;
      const block = this.#takeBlock(call.blockBytes);
      if (block === null) {
        // With blocks in flight there will be room again.
        if (this.#blocksInFlight > 0) {
          this.#calls.unshift(call);
          return;
        }
        this.#fail(call, new RangeError(`expected memory for copies of ${call.blockBytes} bytes, got none`));
        continue;
      }
      this.#launch(call, block);
      if (call.next < call.job.rows && call.failure === null) this.#calls.push(call);
    }
  }

  #launch(call: StagedCall, block: Block): void {
    const from = call.next;
    const to = Math.min(from + call.chunkRows, call.job.rows);
    call.next = to;
    const source = rowsOf(call.job, from, to);
    const copies = copyIn(call, source, block);
    const task: Task = {
      job: { ...source, operands: copies },
      progress: null,
      done: (error) => {
        call.inFlight.delete(task);
        this.#blocksInFlight--;
        if (error === null && call.failure === null) {
          copyOut(call, source, copies);
          call.rowsDone += to - from;
          call.outer.progress?.(call.rowsDone);
        }
        this.#giveBlock(block);
        if (error !== null) this.#fail(call, error);
        this.#settle(call);
        this.#pump();
      },
    };
    call.inFlight.add(task);
    this.#blocksInFlight++;
    this.#crew.submit(task);
  }

  #fail(call: StagedCall, why: unknown): void {
    if (call.failure !== null) return;
    call.failure = { why };
    const queued = this.#calls.indexOf(call);
    if (queued >= 0) this.#calls.splice(queued, 1);
    for (const task of [...call.inFlight]) this.#crew.cancel(task, why);
    this.#settle(call);
  }

  #settle(call: StagedCall): void {
    if (call.inFlight.size > 0 || !this.#running.has(call)) return;
    if (call.failure === null && call.rowsDone < call.job.rows) return;
    this.#running.delete(call);
    call.outer.done(call.failure === null ? null : call.failure.why);
  }

  #takeBlock(bytes: number): Block | null {
    if (bytes > BLOCK_BYTES) return this.#crew.takeBlock(bytes);
    return this.#blocks.pop() ?? this.#crew.takeBlock(BLOCK_BYTES);
  }

  /** Blocks of the usual size are kept. */
  #giveBlock(block: Block): void {
    if (block.bytes > BLOCK_BYTES) this.#crew.giveBlock(block);
    else this.#blocks.push(block);
  }
}

/** Which operands are copied, and where in a block for `rows` rows. */
export function layOut(crew: Crew, job: Job, rows: number): { plan: (Copied | null)[]; bytes: number } {
  const { places } = KINDS[job.kind]!;
  let bytes = 0;
  const plan: (Copied | null)[] = [];
  job.operands.forEach((array, i) => {
    const { width, output, over } = places[i]!;
    const input = over >= 0 ? plan[over] : null;
    if (array === null || crew.sees(array)) plan.push(null);
    else if (output && input) plan.push({ at: input.at, shares: true });
    else {
      plan.push({ at: bytes, shares: false });
      bytes += 16 * Math.ceil(elements(width, rows, job.cols) / 4);
    }
  });
  return { plan, bytes };
}

function copyIn(call: StagedCall, source: Job, block: Block): (Operand | null)[] {
  const { places } = KINDS[source.kind]!;
  return source.operands.map((array, i) => {
    const copied = call.plan[i];
    if (array === null || !copied) return array;
    const integers = KINDS[source.kind]!.op === 'crossEntropyLabels' && i === 1;
    const copy = integers ? block.ints(copied.at, array.length) : block.floats(copied.at, array.length);
    if (!places[i]!.output) copy.set(array);
    return copy;
  });
}

function copyOut(call: StagedCall, source: Job, copies: readonly (Operand | null)[]): void {
  const { places } = KINDS[source.kind]!;
  source.operands.forEach((array, i) => {
    if (array !== null && call.plan[i] && places[i]!.output) array.set(copies[i]!);
  });
}
