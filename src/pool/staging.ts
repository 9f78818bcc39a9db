import { type OperandArray, sharesWith } from '../operand.js';
import type { Call } from '../operation.js';
import { bitsOf, isShared, type RowLayout, widthOf } from '../rows.js';
import { cutAfter, partOfCall } from './part.js';
import { type Block, type Crew, Failure, type Task } from './crew.js';
import { lostArray } from './lost-array.js';
import { arrayAt, kindOf } from './posted.js';
import { elementBytes, lengthOf as viewLength, partOfView, setView } from '../view.js';

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
  call: Call;
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
    this.#waiting.push(this.#plan(outer));
    this.#pump();
  }

  cancel(outer: Task, why: unknown): void {
    const staged = this.#running.get(outer);
    if (staged) this.#fail(staged, why);
  }

  #plan(outer: Task): StagedCall {
    const chunkRows = rowsOfBlock(this.#crew, outer.call);
    const { plan, bytes } = layOut(this.#crew, outer.call, chunkRows);
    const staged: StagedCall = {
      call: outer.call,
      plan,
      chunkRows,
      blockBytes: Math.max(bytes, BLOCK_BYTES),
      next: 0,
      inFlight: new Set(),
      rowsDone: 0,
      failure: null,
      outer,
    };
    this.#running.set(outer, staged);
    return staged;
  }

  /** Two blocks a thread: one in work, one ready. While a lone thread is being replaced, they wait for the next. */
  #pump(): void {
    while (this.#waiting.length > 0 && this.#blocksInFlight < 2 * Math.max(this.#crew.threads, 1)) {
      const staged = this.#waiting.shift()!;
      const block = this.#takeBlock(staged.blockBytes);
      if (block === null) {
        // With blocks in flight there will be room again.
        if (this.#blocksInFlight > 0) {
          this.#waiting.unshift(staged);
          return;
        }
        this.#fail(
          staged,
          new Failure(`expected memory for copies of ${staged.blockBytes} bytes, got none`, RangeError),
        );
        continue;
      }
      this.#launch(staged, block);
      if (staged.next < staged.call.rows && staged.failure === null) this.#waiting.push(staged);
    }
  }

  #launch(staged: StagedCall, block: Block): void {
    const from = staged.next;
    const to = cutAfter(staged.call, from, staged.chunkRows);
    staged.next = to;
    let rows: Call;
    let call: Call;
    try {
      rows = partOfCall(staged.call, from, to);
      const operands = operandsIn(staged, rows, block);
      copyIn(staged, rows, operands);
      call = rows.over(operands);
      call.layout = layoutOfCopies(rows);
    } catch (error) {
      this.#giveBlock(block);
      return this.#fail(staged, lostArray(staged.call) ?? error);
    }
    const task: Task = {
      call,
      kind: 'results',
      block,
      progress: null,
      done: (why) => {
        staged.inFlight.delete(task);
        this.#blocksInFlight--;
        if (why === null && staged.failure === null) why = this.#finish(staged, rows, block);
        this.#giveBlock(block);
        if (why !== null) this.#fail(staged, why);
        this.#settle(staged);
        this.#pump();
      },
    };
    staged.inFlight.add(task);
    this.#blocksInFlight++;
    this.#crew.submit(task);
  }

  /** Null when the rows are where the caller wants them, else why not. */
  #finish(staged: StagedCall, rows: Call, block: Block): unknown {
    try {
      copyOut(staged, rows, operandsIn(staged, rows, block));
    } catch (error) {
      return lostArray(staged.call) ?? error;
    }
    staged.rowsDone += rows.rows;
    staged.outer.progress?.(staged.rowsDone);
    return null;
  }

  #fail(staged: StagedCall, why: unknown): void {
    if (staged.failure !== null) return;
    staged.failure = { why };
    const queued = this.#waiting.indexOf(staged);
    if (queued >= 0) this.#waiting.splice(queued, 1);
    for (const task of [...staged.inFlight]) this.#crew.cancel(task, why);
    this.#settle(staged);
  }

  #settle(staged: StagedCall): void {
    if (staged.inFlight.size > 0 || !this.#running.has(staged.outer)) return;
    if (staged.failure === null && staged.rowsDone < staged.call.rows) return;
    this.#running.delete(staged.outer);
    staged.outer.done(staged.failure === null ? null : staged.failure.why);
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
function rowsOfBlock(crew: Crew, call: Call): number {
  const fixed = layOut(crew, call, 0).bytes;
  // 64 rows: nothing is rounded up.
  const rowBytes = (layOut(crew, call, 64).bytes - fixed) / 64;
  const fit = Math.floor((BLOCK_BYTES - fixed - 16 * call.operands.length) / rowBytes);
  const share = Math.max(Math.ceil(call.rows / (2 * Math.max(crew.threads, 1))), Math.ceil(LEAST / call.cols));
  return Math.max(1, Math.min(call.rows, fit, share));
}

/** Which operands are copied, and where in a block for `rows` rows. */
export function layOut(crew: Crew, call: Call, rows: number): { plan: (Copied | null)[]; bytes: number } {
  const declared = call.operation.operands;
  // Not from byte 0, which to the threads means no operand.
  let bytes = 16;
  const plan: (Copied | null)[] = [];
  call.operands.forEach((array, i) => {
    const over = sharesWith(declared, i);
    const input = over >= 0 ? plan[over] : null;
    const shares = array !== null && input && sizeOf(call, over) === sizeOf(call, i);
    if (array === null || !isCopied(crew, call, i)) plan.push(null);
    else if (shares) plan.push({ at: input.at, shares });
    else {
      plan.push({ at: bytes, shares: false });
      bytes += 16 * Math.ceil((sizeOf(call, i) * lengthOf(call, i, rows)) / 16);
    }
  });
  return { plan, bytes };
}

/** Whether threads must be given a copy of the index-th operand. */
export function isCopied(crew: Crew, call: Call, index: number): boolean {
  const array = call.operands[index];
  if (array === null) return false;
  // Blocks of rows side by side are packed: all matrices of a call must be.
  if (call.layout.inner > 1 && isMatrix(call, index)) return true;
  return isNarrow(call, index) || !crew.sees(array);
}

/** Whether it holds class indices of fewer bytes than the int32 that a copy is of. */
export function isNarrow({ operation, operands }: Call, index: number): boolean {
  return operation.operands[index].type === 'label' && elementBytes(operands[index]!) < 4;
}

/** Whether it has more than one element a row. */
export function isMatrix(call: Call, index: number): boolean {
  const { width } = call.operation.operands[index];
  return width === 'row' || (width === 'mask' && !isShared(call, index));
}

function sizeOf(call: Call, index: number): number {
  return isNarrow(call, index) ? 4 : elementBytes(call.operands[index]!);
}

function lengthOf(call: Call, index: number, rows: number): number {
  return isShared(call, index) ? viewLength(call.operands[index]!) : rows * widthOf(call, index);
}

/** Of the copies of some rows: a part of a block is a block of its own. */
function layoutOfCopies({ rows, layout }: Call): RowLayout {
  return layout.inner > rows ? { ...layout, inner: rows, offset: 0 } : layout;
}

/** The operands of some rows of a call, the copied ones in their places in the block. */
function operandsIn({ plan }: StagedCall, rows: Call, block: Block): (OperandArray | null)[] {
  return rows.operands.map((array, i) => {
    const copied = plan[i];
    if (array === null || !copied) return array;
    const kind = isNarrow(rows, i) ? 'Int32Array' : kindOf(array);
    return arrayAt(block.array.buffer, { kind, pointer: block.at(copied.at), length: lengthOf(rows, i, rows.rows) });
  });
}

function copyIn({ plan, call }: StagedCall, rows: Call, copies: readonly (OperandArray | null)[]): void {
  rows.operands.forEach((array, i) => {
    if (array !== null && plan[i] && !call.operation.operands[i].output)
      copyLines(rows, i, bitsOf(array), copies[i]!, true);
  });
}

function copyOut({ plan, call }: StagedCall, rows: Call, copies: readonly (OperandArray | null)[]): void {
  rows.operands.forEach((array, i) => {
    if (array !== null && plan[i] && call.operation.operands[i].output)
      copyLines(rows, i, bitsOf(array), copies[i]!, false);
  });
}

/** Between an array of some rows and its copy: as a whole, or the lines of a part of a block. */
function copyLines(rows: Call, index: number, array: OperandArray, copy: OperandArray, isIn: boolean): void {
  const { inner, offset } = rows.layout;
  const n = rows.rows;
  if (inner <= n || !isMatrix(rows, index)) {
    if (isIn) copy.set(array);
    else setView(array, copy);
    return;
  }
  for (let c = 0; n > 0 && c < rows.cols; c++) {
    const from = c * inner + offset;
    if (isIn) copy.set(partOfView(array, from, from + n), c * n);
    else setView(array, copy.subarray(c * n, (c + 1) * n), from);
  }
}
