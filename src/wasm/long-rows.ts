import type { Call } from '../operation.js';
import { AREA_BYTES, Area } from './area.js';
import type { Kernels } from './kernels.js';
import { AREA, PAGE, Views } from './linear-memory.js';
import { Tiles } from './tiles.js';

/** A memory of at most so many bytes is kept for the next call. */
const KEPT_BYTES = 1 << 26;

const COPIES = AREA + AREA_BYTES;

/** Nothing of an engine's own memory: every array is copied. */
const NOTHING = { has: () => false };

/**
 * Rows that do not fit an engine's own memory beside its arena: a few of them, one of each operand, in an instance of their
 * own, whose memory grows to hold them. The engine's memory could not grow without taking the arrays of `alloc` away.
 */
export class LongRows {
  readonly #instantiate: () => Kernels;
  #kernels: Kernels | null = null;
  #tiles: Tiles | null = null;

  constructor(instantiate: () => Kernels) {
    this.#instantiate = instantiate;
  }

  /** @throws RangeError when the memory cannot be had */
  run(call: Call): void {
    const bytes = this.#open().bytesFor(call);
    if (bytes > this.#kernels!.memory.buffer.byteLength) {
      this.#grow(call, bytes);
      this.#tiles = null;
    }
    this.#open().run(call, bytes);
    if (bytes > KEPT_BYTES) this.#kernels = this.#tiles = null;
  }

  #open(): Tiles {
    this.#kernels ??= this.#instantiate();
    const { memory } = this.#kernels;
    if (memory.buffer.byteLength < COPIES) memory.grow(COPIES / PAGE);
    this.#tiles ??= new Tiles(
      new Area(this.#kernels, memory, AREA),
      new Views(memory.buffer as ArrayBuffer),
      NOTHING,
      COPIES,
    );
    return this.#tiles;
  }

  #grow({ operation, cols }: Call, bytes: number): void {
    const { memory } = this.#kernels!;
    try {
      memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / PAGE));
    } catch {
      throw new RangeError(
        `${operation.name}: expected memory for copies of rows of ${cols} elements (${bytes} bytes), got none`,
      );
    }
  }
}
