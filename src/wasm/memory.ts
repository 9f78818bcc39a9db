import { Arena } from '../arena.js';
import { failRange } from '../check.js';
import { type Kernels, PARAMETERS_BYTES, TABLE_BYTES } from './kernels.js';

/**
 * The one linear memory of an engine, sized once:
 *
 *   | tables and state | per-row slots | class weights | two row slots | arena (alloc) |
 *
 * Ordinary arrays are copied through the slots a tile of rows at a time; arrays from `alloc` are used where they lie.
 */

/** Tables and state: the kernels own no static data, so everything from `BASE` on is ours. */
const BASE = 1024;
/** Constants of the temperature in use, and those of temperature 1. */
export const TABLE = BASE;
export const TABLE_ONE = TABLE + TABLE_BYTES;
/** Parameters of cross-entropy. */
export const PARAMETERS = TABLE_ONE + TABLE_BYTES;
/** The kernels' state: four groups of 560 bytes and two blocks of 64 columns. */
export const STATE = PARAMETERS + PARAMETERS_BYTES;

/** Elements of a tile: 32 KiB of rows stay in the first-level cache (16 to 128 KiB measured within 2 % of each other). */
export const TILE = 8192;
/** How many rows a tile holds. */
export function tileRows(cols: number): number {
  return cols >= TILE ? 1 : Math.floor(TILE / cols);
}

/** Rows of more elements than this (1 MiB) are streamed. */
export const LONGEST = 262144;

/** One i32 or f32 per row of a tile. */
export const LABELS = 12288;
export const LOSSES = LABELS + 4 * TILE;
export const LSE = LOSSES + 4 * TILE;
export const WEIGHTS = LSE + 4 * TILE;
/** Rows: inputs, overwritten by the outputs where those are as long. */
export const SLOT_A = WEIGHTS + 4 * LONGEST;
export const SLOT_B = SLOT_A + 4 * LONGEST;
const ARENA = SLOT_B + 4 * LONGEST;

const PAGE = 65536;

/** Copying this few elements one by one is cheaper than a view and a call. */
const FEW = 24;

export class LinearMemory {
  readonly buffer: ArrayBuffer;
  readonly f32: Float32Array<ArrayBuffer>;
  readonly f64: Float64Array<ArrayBuffer>;
  readonly i32: Int32Array<ArrayBuffer>;
  readonly arena: Arena;
  private readonly hasArena: boolean;

  /** @throws RangeError when the memory cannot be had; the message says how much was asked. */
  constructor(kernels: Kernels, arenaBytes: number) {
    const pages = Math.ceil((ARENA + arenaBytes) / PAGE);
    try {
      kernels.memory.grow(pages - kernels.memory.buffer.byteLength / PAGE);
    } catch {
      const got = `${arenaBytes} (${pages * PAGE} bytes in all)`;
      failRange('createEngine', 'arenaBytes', 'memory that can be had', got);
    }
    const buffer = kernels.memory.buffer as ArrayBuffer;
    this.buffer = buffer;
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.hasArena = arenaBytes > 0;
    this.arena = new Arena(
      arenaBytes,
      ARENA,
      // Without an arena there is but the empty array, and its buffer must not hand out this memory.
      (offset, length) => (arenaBytes > 0 ? new Float32Array(buffer, offset, length) : new Float32Array(0)),
      (offset, length) => (arenaBytes > 0 ? new Int32Array(buffer, offset, length) : new Int32Array(0)),
    );
  }

  /** The byte pointer of an array that lives in this memory, 0 for any other. */
  pointer(array: Float32Array | Int32Array): number {
    // Without an arena nobody has a view of this memory; `buffer` is not free to ask of a small array.
    return this.hasArena && array.buffer === this.buffer ? array.byteOffset : 0;
  }

  /** True for a view on this memory outside the live arrays of its arena. */
  strays(array: Float32Array | Int32Array): boolean {
    return this.hasArena && array.buffer === this.buffer && !this.arena.holds(array.byteOffset, array.byteLength);
  }

  /** Copies elements [from, from + count) of the array to the byte pointer. */
  copyIn(array: Float32Array, from: number, count: number, pointer: number): void {
    const to = pointer >> 2;
    if (count <= FEW) for (let i = 0; i < count; i++) this.f32[to + i] = array[from + i]!;
    else this.f32.set(count === array.length ? array : array.subarray(from, from + count), to);
  }

  /** Copies elements at the byte pointer to [from, from + count) of the array. */
  copyOut(pointer: number, array: Float32Array, from: number, count: number): void {
    const start = pointer >> 2;
    if (count <= FEW) for (let i = 0; i < count; i++) array[from + i] = this.f32[start + i]!;
    else array.set(this.f32.subarray(start, start + count), from);
  }

  copyLabelsIn(labels: Int32Array, from: number, count: number): void {
    if (count <= FEW) for (let i = 0; i < count; i++) this.i32[(LABELS >> 2) + i] = labels[from + i]!;
    else this.i32.set(labels.subarray(from, from + count), LABELS >> 2);
  }
}
