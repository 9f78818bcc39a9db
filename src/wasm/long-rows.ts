import type { Call } from '../operation.js';
import { AREA_BYTES, Area } from './area.js';
import type { Kernels } from './kernels.js';
import { AREA, MOST_PAGES, PAGE, Views } from './linear-memory.js';
import { PLAIN } from '../rows.js';
import type { Reader } from './reader-module.js';
import { RowTiles } from './row-tiles.js';
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
  #instantiate: () => Kernels;
  readonly #openReader: (memory: WebAssembly.Memory) => Reader | null;
  #kernels: Kernels | null = null;
  /** One for both kinds of tiles, as it knows what it has written. */
  #area: Area | null = null;
  #tiles: Tiles | null = null;
  #rowTiles: RowTiles | null = null;

  constructor(instantiate: () => Kernels, openReader: (memory: WebAssembly.Memory) => Reader | null) {
    this.#instantiate = instantiate;
    this.#openReader = openReader;
  }

  /** From now on with these kernels. */
  use(instantiate: () => Kernels): void {
    this.#instantiate = instantiate;
    this.#kernels = this.#area = this.#tiles = this.#rowTiles = null;
  }

  /** @throws RangeError when the memory cannot be had */
  run(call: Call): void {
    const bytes = this.#open(call).bytesFor(call);
    if (bytes > this.#kernels!.memory.buffer.byteLength) {
      this.#grow(call, bytes);
      this.#area = this.#tiles = this.#rowTiles = null;
    }
    this.#open(call).run(call, bytes);
    if (bytes > KEPT_BYTES) this.#kernels = this.#area = this.#tiles = this.#rowTiles = null;
  }

  #open(call: Call): Tiles | RowTiles {
    this.#kernels ??= this.#instance(call);
    const { memory } = this.#kernels;
    const area = (this.#area ??= new Area(this.#kernels, memory, AREA));
    const views = () => new Views(memory.buffer as ArrayBuffer);
    if (call.layout === PLAIN) return (this.#tiles ??= new Tiles(area, views(), NOTHING, COPIES));
    // Who comes here with rows as they are has a reader.
    return (this.#rowTiles ??= new RowTiles(area, views(), NOTHING, COPIES, this.#openReader(memory)!));
  }

  #instance(call: Call): Kernels {
    try {
      const kernels = this.#instantiate();
      const short = COPIES - kernels.memory.buffer.byteLength;
      if (short > 0) kernels.memory.grow(Math.ceil(short / PAGE));
      return kernels;
    } catch {
      return failCopies(call, PAGE);
    }
  }

  #grow(call: Call, bytes: number): void {
    const { memory } = this.#kernels!;
    try {
      if (bytes > MOST_PAGES * PAGE) throw new RangeError();
      memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / PAGE));
    } catch {
      failCopies(call, bytes);
    }
  }
}

function failCopies({ operation, cols }: Call, bytes: number): never {
  throw new RangeError(
    `${operation.name}: expected memory for copies of rows of ${cols} elements (${bytes} bytes), got none`,
  );
}
