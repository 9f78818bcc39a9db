import { Arena } from '../arena.js';
import type { OperandArray } from '../operand.js';
import { MOST_PAGES } from '../wasm/linear-memory.js';
import { layout } from './control.js';
import { bufferOf, byteLengthOf, byteOffsetOf } from '../view.js';

const PAGE = 65536;
/** Growing is rare: at least 16 MiB, or a quarter of what there is. Untouched pages cost nothing. */
const LEAST_GROWTH = 256;

/** The memory that all threads of a pool share: the control block, and arrays behind it. It grows, and never shrinks. */
export class PoolMemory {
  readonly memory: WebAssembly.Memory;
  readonly #arena: Arena<SharedArrayBuffer>;
  /** Each growth gives a new object for the same memory; arrays keep the one of their day. */
  readonly #buffers = new Set<ArrayBufferLike>();

  /** @throws RangeError where no shared memory can be had */
  constructor(threads: number) {
    const base = layout(threads).arrays;
    this.memory = reserve(Math.ceil(base / PAGE));
    this.#buffers.add(this.memory.buffer);
    this.#arena = new Arena<SharedArrayBuffer>(
      this.memory.buffer.byteLength - base,
      base,
      (offset, length) => new Float32Array(this.#buffer, offset, length),
      (offset, length) => new Int32Array(this.#buffer, offset, length),
      "the pool's memory, which grows to less than 4 GiB",
    );
  }

  get #buffer(): SharedArrayBuffer {
    return this.memory.buffer as unknown as SharedArrayBuffer;
  }

  alloc(length: number): Float32Array<SharedArrayBuffer> {
    this.#makeRoom(length);
    return this.#arena.alloc(length);
  }

  allocInt32(length: number): Int32Array<SharedArrayBuffer> {
    this.#makeRoom(length);
    return this.#arena.allocInt32(length);
  }

  /** Floats for who writes them all. */
  take(length: number): Float32Array<SharedArrayBuffer> {
    this.#makeRoom(length);
    return this.#arena.take(length);
  }

  free(array: Float32Array | Int32Array): void {
    this.#arena.free(array);
  }

  /** Whether an array lies in this memory. */
  has(array: OperandArray): boolean {
    return this.#buffers.has(bufferOf(array));
  }

  /** Whether it lies in this memory, but in no live array. */
  strays(array: OperandArray): boolean {
    return this.has(array) && !this.#arena.holds(byteOffsetOf(array), byteLengthOf(array));
  }

  /** Where it cannot, the arena says so: it knows what is left. */
  #makeRoom(length: number): void {
    if (!(Number.isInteger(length) && length > 0) || this.#arena.fits(length)) return;
    const pages = this.memory.buffer.byteLength / PAGE;
    const needed = Math.ceil((4 * length + 16) / PAGE);
    const wanted = Math.max(needed, LEAST_GROWTH, pages >> 2);
    const grown = this.#grow(wanted) || (wanted > needed && this.#grow(needed));
    if (grown) this.#arena.extend(this.memory.buffer.byteLength - pages * PAGE);
  }

  #grow(pages: number): boolean {
    try {
      this.memory.grow(pages);
    } catch {
      return false;
    }
    this.#buffers.add(this.memory.buffer);
    return true;
  }
}

/** Address space is taken for the maximum, so a small machine may refuse the largest. */
function reserve(initial: number): WebAssembly.Memory {
  for (let maximum = MOST_PAGES; ; maximum >>= 1) {
    try {
      return new WebAssembly.Memory({ initial, maximum, shared: true });
    } catch (error) {
      if (maximum < 4 * LEAST_GROWTH || !(error instanceof RangeError)) throw error;
    }
  }
}
