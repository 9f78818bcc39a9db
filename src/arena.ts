import { about, checkInteger, failType, show } from './check.js';

/** Vectors load 16 bytes at a time. */
const ALIGNMENT = 16;

interface Block {
  start: number;
  /** One past the last byte, padding included. */
  end: number;
}

/** Hands out the arrays of `alloc`, zero-filled and 16-byte aligned, under a fixed account of bytes. */
export interface Allocator {
  alloc(length: number): Float32Array<ArrayBuffer>;
  allocInt32(length: number): Int32Array<ArrayBuffer>;
  free(array: Float32Array | Int32Array): void;
}

/**
 * First-fit allocation of `bytes` bytes from byte `base` on, 16-aligned. It keeps the account only: the arrays come from
 * the two makers, views on linear memory for WebAssembly, ordinary arrays for the scalar tier.
 */
export class Arena<B extends ArrayBufferLike = ArrayBuffer> {
  #bytes: number;
  readonly #base: number;
  readonly #makeFloat32: (byteOffset: number, length: number) => Float32Array<B>;
  readonly #makeInt32: (byteOffset: number, length: number) => Int32Array<B>;

  /** What errors call all of it. */
  readonly #whole: string;

  /** Free blocks in the order of their addresses, no two adjacent. */
  readonly #free: Block[];
  /** The block of each live array; none for those of length 0. */
  readonly #blocks = new Map<Float32Array | Int32Array, Block | null>();
  /** Only for the message that says so. */
  readonly #freed = new WeakSet<Float32Array | Int32Array>();
  /** Bytes [starts[i], ends[i]) of the live arrays in the order of their addresses, for `holds`. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** The byte behind all that was ever handed out. */
  #used: number;

  constructor(
    bytes: number,
    base: number,
    makeFloat32: (byteOffset: number, length: number) => Float32Array<B>,
    makeInt32: (byteOffset: number, length: number) => Int32Array<B>,
    whole = 'the arena',
  ) {
    this.#whole = whole;
    this.#bytes = bytes;
    this.#base = this.#used = base;
    this.#makeFloat32 = makeFloat32;
    this.#makeInt32 = makeInt32;
    this.#free = bytes > 0 ? [{ start: base, end: base + bytes }] : [];
  }

  alloc(length: number): Float32Array<B> {
    return this.#alloc('alloc', length, this.#makeFloat32);
  }

  allocInt32(length: number): Int32Array<B> {
    return this.#alloc('allocInt32', length, this.#makeInt32);
  }

  /** `alloc` for who writes it all: what it holds is not said. */
  take(length: number): Float32Array<B> {
    return this.#alloc('alloc', length, this.#makeFloat32, false);
  }

  /** Takes back an array of `alloc` or `allocInt32`: the very object, once. */
  free(array: Float32Array | Int32Array): void {
    const block = this.#blocks.get(array);
    if (block === undefined) this.#failFree(array);
    this.#blocks.delete(array);
    this.#freed.add(array);
    if (block === null) return;
    const i = this.#indexOf(block.start);
    this.#starts.splice(i, 1);
    this.#ends.splice(i, 1);
    this.#release(block);
  }

  /** True when the bytes lie inside one live array; 0 bytes lie anywhere. */
  holds(byteOffset: number, byteLength: number): boolean {
    if (byteLength === 0) return true;
    const i = this.#indexOf(byteOffset);
    return i >= 0 && byteOffset + byteLength <= this.#ends[i]!;
  }

  /** Whether an array of so many elements fits. */
  fits(length: number): boolean {
    return length === 0 || this.#free.some((block) => block.end - block.start >= 4 * length);
  }

  /** More bytes right behind the last. */
  extend(bytes: number): void {
    const start = this.#base + this.#bytes;
    this.#bytes += bytes;
    this.#release({ start, end: start + bytes });
  }

  #alloc<A extends Float32Array | Int32Array>(
    op: string,
    length: number,
    make: (byteOffset: number, length: number) => A,
    isClear = true,
  ): A {
    checkInteger(op, 'length', length, 0, Infinity, 'an integer >= 0');
    if (length === 0) {
      const empty = make(this.#base, 0);
      this.#blocks.set(empty, null);
      return empty;
    }
    const byteLength = 4 * length;
    const i = this.#free.findIndex((block) => block.end - block.start >= byteLength);
    if (i < 0) this.#failFull(op, length);
    const free = this.#free[i]!;
    const { start } = free;
    // The last bytes of an arena whose size is no multiple of 16 need no padding.
    const end = Math.min(start + Math.ceil(byteLength / ALIGNMENT) * ALIGNMENT, free.end);
    // First the array: where it cannot be had, the account stays as it is.
    const array = make(start, length);
    if (isClear) this.#clear(array, start, start + byteLength);
    this.#used = Math.max(this.#used, start + byteLength);
    if (end === free.end) this.#free.splice(i, 1);
    else free.start = end;
    this.#blocks.set(array, { start, end });
    const at = this.#indexOf(start) + 1;
    this.#starts.splice(at, 0, start);
    this.#ends.splice(at, 0, start + byteLength);
    return array;
  }

  /** What was never handed out is zero, and stays untouched: filling would take the pages of a large array. */
  #clear(array: Float32Array | Int32Array, start: number, end: number): void {
    if (start < this.#used) array.subarray(0, (Math.min(end, this.#used) - start) / 4).fill(0);
  }

  /** Index of the last live array that starts at or before `byteOffset`, or -1. */
  #indexOf(byteOffset: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#starts[middle]! <= byteOffset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #release(block: Block): void {
    let i = this.#free.findIndex((other) => other.start > block.start);
    if (i < 0) i = this.#free.length;
    const before = this.#free[i - 1];
    const after = this.#free[i];
    if (after !== undefined && after.start === block.end) {
      after.start = block.start;
      if (before !== undefined && before.end === after.start) {
        before.end = after.end;
        this.#free.splice(i, 1);
      }
    } else if (before !== undefined && before.end === block.start) {
      before.end = block.end;
    } else {
      this.#free.splice(i, 0, block);
    }
  }

  #failFree(array: Float32Array | Int32Array): never {
    let got = show(array);
    if (this.#freed.has(array)) got = 'one that was freed';
    else if (this.#isView(array)) got = 'another view of one';
    failType('free', 'array', "a live array of this engine's alloc", got);
  }

  /** Whether it shares bytes with a live array. */
  #isView(array: unknown): boolean {
    if (!ArrayBuffer.isView(array)) return false;
    const end = array.byteOffset + array.byteLength;
    return [...this.#blocks.keys()].some(
      (live) =>
        live.buffer === array.buffer && live.byteOffset < end && array.byteOffset < live.byteOffset + live.byteLength,
    );
  }

  #failFull(op: string, length: number): never {
    let left = 0;
    let largest = 0;
    for (const block of this.#free) {
      left += block.end - block.start;
      largest = Math.max(largest, block.end - block.start);
    }
    const pieces = largest < left ? `, ${largest} in one piece` : '';
    const rule = `expected length to fit ${this.#whole} (${this.#bytes} bytes, ${left} left${pieces})`;
    throw about('length', new RangeError(`${op}: ${rule}, got ${length} elements (${4 * length} bytes)`));
  }
}
