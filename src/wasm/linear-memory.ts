import type { Room } from '../backend.js';
import { failRange } from '../check.js';
import type { OperandArray } from '../operand.js';
import { AREA_BYTES } from './area.js';
import type { Kernels } from './kernels.js';
import {
  bufferOf,
  byteLengthOf,
  byteOffsetOf,
  elementBytes,
  lengthOf,
  partOfView,
  setView,
  viewClass,
} from '../view.js';

/**
 * The one linear memory of an engine, sized once:
 *
 *   | the kernels' area | copies of ordinary arrays | arena (alloc) |
 *
 * Ordinary arrays are copied a tile of rows at a time; arrays from `alloc` are used where they lie.
 */

/** The kernels own no static data, so everything is ours; nothing lies at 0, which means "none". */
export const AREA = 1024;
export const COPIES = AREA + AREA_BYTES;
/** A row of 262,144 columns, or a tile of shorter ones and what goes with them. Longer rows have a memory of their own. */
export const COPIES_END = COPIES + (1 << 20);

export const PAGE = 65536;
/** Pages of the largest memory: one less than 4 GiB, so that no address overflows that a loop compares with an array's end. */
export const MOST_PAGES = 65535;

/** Copying this few elements one by one is cheaper than a view and a call. */
const FEW = 12;

/** Typed views on a buffer, and copies between it and ordinary arrays. */
export class Views {
  readonly buffer: ArrayBuffer;
  readonly floats: Float32Array<ArrayBuffer>;
  readonly ints: Int32Array<ArrayBuffer>;
  readonly #halves: Uint16Array<ArrayBuffer>;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  /** What was last copied out: to make a view takes longer than to copy a short row. */
  #out: Float32Array<ArrayBuffer>;

  constructor(buffer: ArrayBuffer) {
    this.buffer = buffer;
    this.floats = new Float32Array(buffer);
    this.ints = new Int32Array(buffer);
    this.#halves = new Uint16Array(buffer);
    this.#bytes = new Uint8Array(buffer);
    this.#out = new Float32Array(buffer, 0, 0);
  }

  /** Copies elements [from, from + count) of the array to the byte pointer. */
  copyIn(array: OperandArray, isInt: boolean, from: number, count: number, pointer: number): void {
    if (!isInt) copy(array as Float32Array, from, count, this.floats, pointer >>> 2);
    else copyInts(array as Int32Array, from, count, this.ints, pointer >>> 2);
  }

  /** Copies elements at the byte pointer to [from, from + count) of the array. */
  copyOut(pointer: number, array: OperandArray, isInt: boolean, from: number, count: number): void {
    if (isInt) copyInts(this.ints, pointer >>> 2, count, array as Int32Array, from);
    else if (count > FEW) setView(array, this.#view(pointer, count), from);
    else copy(this.floats, pointer >>> 2, count, array as Float32Array, from);
  }

  #view(pointer: number, count: number): Float32Array<ArrayBuffer> {
    const out = this.#out;
    if (out.byteOffset === pointer && out.length === count) return out;
    return (this.#out = new Float32Array(this.buffer, pointer, count));
  }

  /** The same with elements of any size, as they are. */
  bitsIn(array: OperandArray, from: number, count: number, pointer: number): void {
    const part = count === lengthOf(array) ? array : partOfView(array, from, from + count);
    setView(this.#like(array), part, pointer / elementBytes(array));
  }
  bitsOut(pointer: number, array: OperandArray, from: number, count: number): void {
    const to = pointer / elementBytes(array);
    setView(array, this.#like(array).subarray(to, to + count), from);
  }

  /** The view of this memory as elements of an array's kind. */
  #like(array: OperandArray): Float32Array | Int32Array | Uint16Array | Uint8Array {
    if (viewClass(array) === 'Float32Array') return this.floats;
    const bytes = elementBytes(array);
    return bytes === 1 ? this.#bytes : bytes === 2 ? this.#halves : this.ints;
  }
}

function copy(source: Float32Array, from: number, count: number, target: Float32Array, to: number): void {
  if (count > FEW) setView(target, count === lengthOf(source) ? source : partOfView(source, from, from + count), to);
  else for (let i = 0; i < count; i++) target[to + i] = source[from + i];
}

/** A function of its own: element accesses of one class are several times faster than those of two. */
function copyInts(source: Int32Array, from: number, count: number, target: Int32Array, to: number): void {
  if (count > FEW) setView(target, count === lengthOf(source) ? source : partOfView(source, from, from + count), to);
  else for (let i = 0; i < count; i++) target[to + i] = source[from + i];
}

export class LinearMemory extends Views {
  /** Who knows the arrays that live in this memory; without room for any nobody has a view of it. */
  readonly #arena: ReturnType<Room['open']> | null;

  /** @throws RangeError when the memory cannot be had; the message says how much was asked. */
  constructor(kernels: Kernels, room: Room | undefined) {
    super(grow(kernels, room === undefined ? 0 : room.bytes));
    const arena = room === undefined ? null : room.open(this.buffer, COPIES_END);
    this.#arena = room === undefined || room.bytes === 0 ? null : arena;
  }

  /** Whether an array lives in this memory. */
  has(array: OperandArray): boolean {
    // `buffer` is not free to ask of a small array.
    return this.#arena !== null && bufferOf(array) === this.buffer;
  }

  /** True for a view on this memory outside the live arrays of its arena. */
  strays(array: OperandArray): boolean {
    return this.has(array) && !this.#arena!.holds(byteOffsetOf(array), byteLengthOf(array));
  }
}

function grow({ memory }: Kernels, arenaBytes: number): ArrayBuffer {
  const pages = Math.ceil((COPIES_END + arenaBytes) / PAGE);
  try {
    if (pages > MOST_PAGES) throw new RangeError();
    memory.grow(pages - memory.buffer.byteLength / PAGE);
  } catch {
    failRange('createEngine', 'arenaBytes', 'memory that can be had', `${arenaBytes} (${pages * PAGE} bytes in all)`);
  }
  return memory.buffer as ArrayBuffer;
}
