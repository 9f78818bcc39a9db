import { elements } from '../operand.js';
import { OPERATIONS } from '../ops/operations.js';
import { AREA_BYTES } from '../wasm/area.js';
import { PLAIN } from '../rows.js';
import { byteOffsetOf } from '../view.js';
import type { Task } from './crew.js';
import {
  BEFORE,
  LAYOUT_NUMBERS,
  layoutNumbers,
  MOST_OPERANDS,
  MOST_PARAMETERS,
  numberOf,
  type Place,
  pointersOf,
  type Posted,
} from './posted.js';

/**
 * How the calling thread and the workers talk in shared memory, without messages:
 *
 *   | header | one line per thread | jobs | one area per thread (kernels' tables and state) | arrays
 *
 * A published job is a call over arrays in this memory, cut into chunks of rows. Workers take its chunks one by one, so
 * a slow thread takes fewer; they go round the published jobs, so no call waits for another to end.
 *
 * `REMAINING` is the one word that decides who computes what: it counts down, and the worker that takes it from n > 0 to
 * n − 1 owns one chunk of the job that is published at that moment. So nothing depends on reading two words at once.
 * A worker hears no messages while it computes or sleeps. Of news (a buffer of the program's own) it sees here that there are
 * some, `ROUND`, returns to its event loop and goes on when they have come, with the chunk it may have taken: news are sent,
 * and `ROUND` rises, before a job is published that needs them.
 * A chunk is counted off `LEFT` when its worker has done with the job: the calling thread takes nothing back before.
 */

/** Words of the header. WAKE rises when there is work, DONE when a job may be finished: both are waited on. */
export const WAKE = 0;
export const DONE = 16;
/** Not 0: workers end. */
export const STOP = 32;
/** Not 0: workers say by a message that DONE has risen, as the calling thread cannot wait for it. */
export const BY_MESSAGE = 33;
/** 1 while such a message is on its way: one is enough. */
export const POSTED = 34;
/** Job slots below this may be in use. */
export const HIGH = 35;
/** How many News there were: a worker that has not heard all takes no chunk before it has. */
export const ROUND = 36;
const HEADER_WORDS = 64;

/** A thread's line: 1 + the slot of the job it takes a chunk of or computes, else 0. A cache line each. */
const LINE_WORDS = 16;

export const SLOTS = 64;
const JOB_WORDS = 128;
// Words of a job.
export const REMAINING = 0;
/** Chunks not yet computed. */
export const LEFT = 1;
/** Not 0: raise DONE after every chunk, not only after the last. */
export const REPORT = 2;
/** Not 0: a worker met an error and has sent it as a message. */
export const FAILED = 3;
const OPERATION = 4;
const CHUNKS = 5;
/** Bits: rows as they are; operands in buffers of the program's own. */
const LAID = 6;
const IS_LAID = 1;
const IS_FOREIGN = 2;
/** What is made of the rows: index into KINDS. */
const KIND = 7;
/** Of 'sum' (in-turn.ts), 1 while a worker adds, and the chunk whose turn it is; */
export const ADDING = 8;
export const NEXT = 9;
/** of 'survey', the rows that count so far, and whether one is refused. */
export const COUNTED = 10;
export const REFUSED = 11;
// Float64s of a job.
const ROWS = 8;
const COLS = 9;
const CHUNK_ROWS = 10;
const TEMPERATURE = 11;
const K = 12;
/** Of 'sum': what has been added, the buffer and the byte offset of the rows' values, and that of a word for each chunk. */
const TOTAL = 13;
const SUMMED_BUFFER = 14;
const SUMMED = 15;
const MARKS = 16;
const PARAMETERS = 17;
/** Byte offsets of the operands, 0 for none. */
const POINTERS = PARAMETERS + MOST_PARAMETERS;
/** Which buffer each is in. */
const BUFFERS = POINTERS + MOST_OPERANDS;
const LAYOUT = BUFFERS + MOST_OPERANDS;

const KINDS: readonly Task['kind'][] = ['results', 'sum', 'survey'];

/** Nothing lies before: a pointer 0 means none. */
const BASE = 1024;

/** Where things lie for a number of threads: byte offsets. */
export function layout(threads: number): { jobs: number; areas: number; arrays: number } {
  const jobs = BASE + 4 * (HEADER_WORDS + threads * LINE_WORDS);
  const areas = Math.ceil((jobs + 4 * SLOTS * JOB_WORDS) / AREA_BYTES) * AREA_BYTES;
  return { jobs, areas, arrays: areas + threads * AREA_BYTES };
}

export class Control {
  readonly words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #base: number;
  readonly #jobs: number;

  /** @param buffer the shared memory, which may grow: what lies here is within its first size */
  constructor(buffer: ArrayBufferLike, threads: number) {
    const { jobs, areas } = layout(threads);
    this.words = new Int32Array(buffer, 0, areas / 4);
    this.#doubles = new Float64Array(buffer, 0, areas / 8);
    this.#base = BASE / 4;
    this.#jobs = jobs;
  }

  /** Index into `words` of a header word, of a thread's line, of a job's word. */
  header(word: number): number {
    return this.#base + word;
  }
  line(thread: number): number {
    return this.#base + HEADER_WORDS + thread * LINE_WORDS;
  }
  job(slot: number, word: number): number {
    return this.#jobs / 4 + slot * JOB_WORDS + word;
  }

  load(index: number): number {
    return Atomics.load(this.words, index);
  }

  /** Raises a waited-on word and wakes who waits. */
  raise(word: number): void {
    Atomics.add(this.words, this.header(word), 1);
    Atomics.notify(this.words, this.header(word));
  }

  /**
   * Writes a job into a free slot; the chunks can be taken as soon as REMAINING is stored.
   *
   * @param marks of 'sum' the byte offset of a word for each chunk, all 0
   * @param buffers of each operand, as in Posted
   */
  publish(
    slot: number,
    { call, kind, progress }: Task,
    { chunks, chunkRows, marks, buffers }: { chunks: number; chunkRows: number; marks: number; buffers: number[] },
  ): void {
    const { words } = this;
    const at = this.job(slot, 0);
    const doubles = at / 2;
    words[at + LEFT] = chunks;
    words[at + REPORT] = progress === null ? 0 : 1;
    words[at + FAILED] = 0;
    words[at + OPERATION] = numberOf(call.operation);
    words[at + CHUNKS] = chunks;
    const isForeign = buffers.some((buffer) => buffer > 0);
    words[at + LAID] = (call.layout === PLAIN ? 0 : IS_LAID) + (isForeign ? IS_FOREIGN : 0);
    words[at + KIND] = KINDS.indexOf(kind);
    words.fill(0, at + ADDING, at + REFUSED + 1);
    this.#doubles[doubles + TOTAL] = 0;
    this.#doubles[doubles + SUMMED] = kind === 'sum' ? byteOffsetOf(call.operands[call.summed]!) : 0;
    this.#doubles[doubles + MARKS] = marks;
    this.#doubles[doubles + ROWS] = call.rows;
    this.#doubles[doubles + COLS] = call.cols;
    this.#doubles[doubles + K] = call.k;
    this.#doubles[doubles + CHUNK_ROWS] = chunkRows;
    this.#doubles[doubles + TEMPERATURE] = call.temperature;
    this.#doubles.set(call.parameters, doubles + PARAMETERS);
    const pointers = pointersOf(call).map((pointer, i) => (buffers[i]! > 0 ? pointer + BEFORE : pointer));
    this.#doubles.set(pointers, doubles + POINTERS);
    this.#doubles.set(buffers, doubles + BUFFERS);
    this.#doubles[doubles + SUMMED_BUFFER] = kind === 'sum' ? buffers[call.summed]! : 0;
    if (call.layout !== PLAIN) this.#doubles.set(layoutNumbers(call), doubles + LAYOUT);
    Atomics.store(words, at + REMAINING, chunks);
  }

  /** What is made of a job's rows. */
  kind(slot: number): Task['kind'] {
    return KINDS[this.words[this.job(slot, KIND)]!]!;
  }

  /** What has been added: who adds holds ADDING, or all is done. */
  total(slot: number): number {
    return this.#doubles[this.job(slot, 0) / 2 + TOTAL]!;
  }
  setTotal(slot: number, total: number): void {
    this.#doubles[this.job(slot, 0) / 2 + TOTAL] = total;
  }

  /** What is summed, and where the marks of the chunks are. */
  readSum(slot: number): { values: Place; marks: Place } {
    const at = this.job(slot, 0);
    const of = (index: number) => this.#doubles[at / 2 + index]!;
    return {
      values: { kind: 'Float32Array', buffer: of(SUMMED_BUFFER), pointer: of(SUMMED), length: of(ROWS) },
      marks: { kind: 'Int32Array', buffer: 0, pointer: of(MARKS), length: this.words[at + CHUNKS]! },
    };
  }

  /** The index of the chunk that a worker owns after taking REMAINING down from `remaining`. */
  chunkAfter(slot: number, remaining: number): number {
    return this.words[this.job(slot, CHUNKS)]! - remaining;
  }

  /** The rows of a chunk. */
  range(slot: number, chunk: number): { from: number; to: number } {
    const at = this.job(slot, 0);
    const doubles = at / 2;
    const inner = (this.words[at + LAID]! & IS_LAID) === 0 ? 1 : this.#doubles[doubles + LAYOUT];
    return rangeOf(this.#doubles[doubles + ROWS], inner, this.#doubles[doubles + CHUNK_ROWS]!, chunk);
  }

  /** A chunk in numbers. */
  read(slot: number, chunk: number): Posted {
    const at = this.job(slot, 0);
    const doubles = at / 2;
    const cols = this.#doubles[doubles + COLS]!;
    const k = this.#doubles[doubles + K]!;
    const { from, to } = this.range(slot, chunk);
    const operation = this.words[at + OPERATION]!;
    const listOf = (from: number, count: number) => Array.from(this.#doubles.subarray(from, from + count));
    const pointers = listOf(doubles + POINTERS, MOST_OPERANDS);
    const temperature = this.#doubles[doubles + TEMPERATURE];
    const parameters = listOf(doubles + PARAMETERS, MOST_PARAMETERS);
    const flags = this.words[at + LAID]!;
    const buffers = (flags & IS_FOREIGN) === 0 ? null : listOf(doubles + BUFFERS, MOST_OPERANDS);
    if ((flags & IS_LAID) !== 0) {
      const layout = listOf(doubles + LAYOUT, LAYOUT_NUMBERS);
      const rows = this.#doubles[doubles + ROWS];
      return { operation, rows, cols, k, temperature, parameters, pointers, buffers, layout, from, to };
    }
    const rows = to - from;
    const { operands, count } = OPERATIONS[operation];
    operands.slice(0, count).forEach(({ width }, i) => {
      if (pointers[i] !== 0 && width !== 'all') pointers[i] += 4 * from * elements(width, 1, cols, k);
    });
    return { operation, rows, cols, k, temperature, parameters, pointers, buffers, layout: null, from: 0, to: rows };
  }
}

/** Chunks of rows side by side are whole blocks, or equal parts of one; `chunkRows` is a multiple of `inner`, or less. */
export function chunksOf({ rows, layout }: Task['call'], chunkRows: number): number {
  const { inner } = layout;
  return chunkRows < inner ? (rows / inner) * Math.ceil(inner / chunkRows) : Math.ceil(rows / chunkRows);
}

function rangeOf(rows: number, inner: number, chunkRows: number, chunk: number): { from: number; to: number } {
  if (chunkRows >= inner) return { from: chunk * chunkRows, to: Math.min((chunk + 1) * chunkRows, rows) };
  const parts = Math.ceil(inner / chunkRows);
  const block = Math.floor(chunk / parts) * inner;
  const from = (chunk % parts) * chunkRows;
  return { from: block + from, to: block + Math.min(from + chunkRows, inner) };
}
