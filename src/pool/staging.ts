import { type Block, type Crew, Failure, type Task } from './crew.js';
import { elements, type Job, KINDS, MOST_OPERANDS, type Operand, rowsOf } from './kinds.js';

/** Bytes of a block: large enough to outlast its round trip, small enough for the caches. */
const BLOCK_BYTES = 1 << 18;
/** Elements of a block that are worth its round trip. */
const LEAST = 16384;
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
  readonly #running = new Map<Task, StagedCall>();
  /** Those with rows left to copy, in turn. */
  readonly #waiting: StagedCall[] = [];
  /** Blocks of the usual size that are not in use. */
  readonly #blocks: Block[] = [];
  #blocksInFlight = 0;

  constructor(crew: Crew) {
    this.#crew = crew;
  }

  submit(outer: Task): void {
    const call = this.#plan(outer);
    this.#waiting.push(call);
    this.#pump();
  }

  cancel(outer: Task, why: unknown): void {
    const call = this.#running.get(outer);
    if (call) this.#fail(call, why);
  }

  #plan(outer: Task): StagedCall {
    const { job } = outer;
    const chunkRows = rowsOfBlock(this.#crew, job);
    const { plan, bytes } = layOut(this.#crew, job, chunkRows);
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
    this.#running.set(outer, call);
    return call;
  }

  /** Two blocks a thread: one in work, one ready. While a lone thread is being replaced, they wait for the next. */
  #pump(): void {
    while (this.#waiting.length > 0 && this.#blocksInFlight < 2 * Math.max(this.#crew.threads, 1)) {
      const call = this.#waiting.shift()!;
      const block = this.#takeBlock(call.blockBytes);
      if (block === null) {
        // With blocks in flight there will be room again.
        if (this.#blocksInFlight > 0) {
          this.#waiting.unshift(call);
          return;
        }
        this.#fail(call, new Failure(`expected memory for copies of ${call.blockBytes} bytes, got none`, RangeError));
        continue;
      }
      this.#launch(call, block);
      if (call.next < call.job.rows && call.failure === null) this.#waiting.push(call);
    }
  }

  #launch(call: StagedCall, block: Block): void {
    const from = call.next;
    const to = Math.min(from + call.chunkRows, call.job.rows);
    call.next = to;
    const rows = rowsOf(call.job, from, to);
    const operands = operandsIn(call, rows, block);
    copyIn(call, rows, operands);
    const task: Task = {
      job: { ...rows, operands },
      block,
      progress: null,
      done: (why) => {
        call.inFlight.delete(task);
        this.#blocksInFlight--;
        if (why === null && call.failure === null) {
          copyOut(call, rows, operandsIn(call, rows, block));
          call.rowsDone += to - from;
          call.outer.progress?.(call.rowsDone);
        }
        this.#giveBlock(block);
        if (why !== null) this.#fail(call, why);
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
    const queued = this.#waiting.indexOf(call);
    if (queued >= 0) this.#waiting.splice(queued, 1);
    for (const task of [...call.inFlight]) this.#crew.cancel(task, why);
    this.#settle(call);
  }

  #settle(call: StagedCall): void {
    if (call.inFlight.size > 0 || !this.#running.has(call.outer)) return;
    if (call.failure === null && call.rowsDone < call.job.rows) return;
    this.#running.delete(call.outer);
    call.outer.done(call.failure === null ? null : call.failure.why);
  }

  #takeBlock(bytes: number): Block | null {
    if (bytes > BLOCK_BYTES) return this.#crew.takeBlock(bytes);
    return this.#blocks.pop() ?? this.#crew.takeBlock(BLOCK_BYTES);
  }

  /** Blocks of the usual size are kept; one that a dead thread took with it has none. */
  #giveBlock(block: Block): void {
    if (block.bytes === BLOCK_BYTES) this.#blocks.push(block);
    else if (block.bytes > 0) this.#crew.giveBlock(block);
  }
}

/** As many rows as a block holds, but few enough that every thread gets some. */
function rowsOfBlock(crew: Crew, job: Job): number {
  const fixed = layOut(crew, job, 0).bytes;
  // 64 rows: nothing is rounded up.
  const rowBytes = (layOut(crew, job, 64).bytes - fixed) / 64;
  const fit = Math.floor((BLOCK_BYTES - fixed - 16 * MOST_OPERANDS) / rowBytes);
  const share = Math.max(Math.ceil(job.rows / (2 * Math.max(crew.threads, 1))), Math.ceil(LEAST / job.cols));
  return Math.max(1, Math.min(job.rows, fit, share));
}

/** Which operands are copied, and where in a block for `rows` rows. */
export function layOut(crew: Crew, job: Job, rows: number): { plan: (Copied | null)[]; bytes: number } {
  const { places } = KINDS[job.kind]!;
  // Not from byte 0, which to the threads means no operand.
  let bytes = 16;
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

/** The operands of some rows of a call, the copied ones in their places in the block. */
function operandsIn(call: StagedCall, rows: Job, block: Block): (Operand | null)[] {
  const { op } = KINDS[rows.kind]!;
  return rows.operands.map((array, i) => {
    const copied = call.plan[i];
    if (array === null || !copied) return array;
    const integers = op === 'crossEntropyLabels' && i === 1;
    return integers ? block.ints(copied.at, array.length) : block.floats(copied.at, array.length);
  });
}

function copyIn(call: StagedCall, rows: Job, copies: readonly (Operand | null)[]): void {
  const { places } = KINDS[rows.kind]!;
  rows.operands.forEach((array, i) => {
    if (array !== null && call.plan[i] && !places[i]!.output) copies[i]!.set(array);
  });
}

function copyOut(call: StagedCall, rows: Job, copies: readonly (Operand | null)[]): void {
  const { places } = KINDS[rows.kind]!;
  rows.operands.forEach((array, i) => {
    if (array !== null && call.plan[i] && places[i]!.output) array.set(copies[i]!);
  });
}
