import type { OperandArray } from '../operand.js';
import type { Call } from '../operation.js';

/** A piece of memory that the threads read and write. */
export class Block {
  /** Another one after each round by message, and of length 0 when its thread has died. */
  array: Float32Array;

  constructor(array: Float32Array) {
    this.array = array;
  }

  get bytes(): number {
    return 4 * this.array.length;
  }

  /** Where a byte of it is in its buffer. */
  at(byte: number): number {
    return this.array.byteOffset + byte;
  }
}

/** A call on arrays that a crew's threads see, and what to tell. */
export interface Task {
  call: Call;
  /** The block that the call's copies lie in; null when nothing is copied. */
  block: Block | null;
  /**
   * What is made of the rows: their results; with them, in the call's `total`, the sum of what is summed, in their order; or,
   * there, how many count (`survey` of the operation), NaN where one is refused.
   */
  kind: 'results' | 'sum' | 'survey';
  /** Called with the rows that are done, when not null. */
  progress: ((rows: number) => void) | null;
  /** Called once, when no thread uses the task's arrays any more: null, or why it failed. */
  done(why: unknown): void;
}

/** Why the threads could not compute a task; the call turns it into an error that begins with the operation's name. */
export class Failure {
  constructor(
    readonly text: string,
    readonly ErrorClass: ErrorConstructor | RangeErrorConstructor | TypeErrorConstructor = Error,
    /** Whose fault it is, where it is one argument's. */
    readonly argument: string | null = null,
  ) {}
}

/** Threads at work. */
export interface Crew {
  readonly threads: number;
  /** All threads have died and none could be replaced: nothing may be submitted any more. */
  readonly gone: boolean;
  /** What the pool's `reason` says of the threads; null when all is well. */
  readonly reason: string | null;
  alloc(length: number): Float32Array;
  allocInt32(length: number): Int32Array;
  free(array: Float32Array | Int32Array): void;
  /** Whether the threads see this array where it lies. */
  sees(array: OperandArray): boolean;
  /** A call comes that threads may compute. */
  meet(call: Call): void;
  /** Whether they do, or can copy its rows by themselves. */
  reaches(array: OperandArray): boolean;
  /** Whether two arrays lie in one memory: growing gives the shared one another buffer. */
  isOneMemory(a: OperandArray, b: OperandArray): boolean;
  /** Whether it is a view on shared memory, but on no live array. */
  strays(array: OperandArray): boolean;
  /** Whether its threads look at rows, and add what is summed up from them: they need a place for each then. */
  readonly looksAtRows: boolean;
  /** Memory for copies and the like, which may hold anything; null when it cannot be had. */
  takeBlock(bytes: number): Block | null;
  giveBlock(block: Block): void;
  /** Computes a call in the calling thread where the arrays lie; false when the engine's runner must do it. */
  computeHere(call: Call): boolean;
  submit(task: Task): void;
  /** The task's `done` is called with `why`, unless the task ends before. */
  cancel(task: Task, why: unknown): void;
  /** Ends the threads. Tasks must have ended. */
  close(): Promise<void>;
}
