import { type Call, elements } from '../operation.js';
import { OPERATIONS } from '../ops/operations.js';
import { AREA_BYTES } from '../wasm/area.js';
import { MOST_OPERANDS, MOST_PARAMETERS, numberOf, pointersOf, type Posted } from './posted.js';

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
const HEADER_WORDS = 64;

/** A thread's line: 1 + the slot of the job it takes a chunk of or computes, else 0. A cache line each. */
const LINE_WORDS = 16;

export const SLOTS = 64;
const JOB_WORDS = 64;
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
// Float64s of a job.
const ROWS = 4;
const COLS = 5;
const CHUNK_ROWS = 6;
const TEMPERATURE = 7;
const PARAMETERS = 8;
/** Byte offsets of the operands, 0 for none. */
const POINTERS = PARAMETERS + MOST_PARAMETERS;

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

  /** Writes a job into a free slot; the chunks can be taken as soon as REMAINING is stored. */
  publish(slot: number, call: Call, chunkRows: number, report: boolean): number {
    const { words } = this;
    const at = this.job(slot, 0);
    const doubles = at / 2;
    const chunks = Math.ceil(call.rows / chunkRows);
    words[at + LEFT] = chunks;
    words[at + REPORT] = report ? 1 : 0;
    words[at + FAILED] = 0;
    words[at + OPERATION] = numberOf(call.operation);
    words[at + CHUNKS] = chunks;
    this.#doubles[doubles + ROWS] = call.rows;
    this.#doubles[doubles + COLS] = call.cols;
    this.#doubles[doubles + CHUNK_ROWS] = chunkRows;
    this.#doubles[doubles + TEMPERATURE] = call.temperature;
    this.#doubles.set(call.parameters, doubles + PARAMETERS);
    this.#doubles.set(pointersOf(call), doubles + POINTERS);
    Atomics.store(words, at + REMAINING, chunks);
    return chunks;
  }

  /** The chunk that a worker owns after taking REMAINING down from `remaining`. */
  read(slot: number, remaining: number): Posted {
    const at = this.job(slot, 0);
    const doubles = at / 2;
    const chunk = this.words[at + CHUNKS]! - remaining;
    const cols = this.#doubles[doubles + COLS]!;
    const chunkRows = this.#doubles[doubles + CHUNK_ROWS]!;
    const from = chunk * chunkRows;
    const rows = Math.min(chunkRows, this.#doubles[doubles + ROWS]! - from);
    const operation = this.words[at + OPERATION]!;
    const listOf = (from: number, count: number) => Array.from(this.#doubles.subarray(from, from + count));
    const pointers = listOf(doubles + POINTERS, MOST_OPERANDS);
    OPERATIONS[operation].operands.forEach(({ width }, i) => {
      if (pointers[i] !== 0 && width !== 'all') pointers[i] += 4 * from * elements(width, 1, cols);
    });
    const temperature = this.#doubles[doubles + TEMPERATURE];
    return { operation, rows, cols, temperature, parameters: listOf(doubles + PARAMETERS, MOST_PARAMETERS), pointers };
  }
}
