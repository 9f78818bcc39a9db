import type { Posted } from './posted.js';

/** What starts a worker: on the shared memory, or, without `shared`, one that gets its rows by message. */
export interface Start {
  /** null on the scalar tier. */
  module: WebAssembly.Module | null;
  /** That of decisions, over the same memory. */
  decisions: WebAssembly.Module | null;
  /** What rows as they are take: null on the scalar tier. */
  reading: ReadingModules | null;
  shared: { memory: WebAssembly.Memory; threads: number; thread: number } | null;
}

/** The kernels over a memory of their own, and the readers of rows as they are, where they could be compiled. */
export interface ReadingModules {
  tier: 'relaxed' | 'simd';
  kernels: WebAssembly.Module;
  reader: WebAssembly.Module | null;
  decisions: WebAssembly.Module | null;
}

/** The kernels where the rows lie, and those of decisions: null on the scalar tier. */
export interface Modules {
  module: WebAssembly.Module | null;
  decisions: WebAssembly.Module | null;
}

/** Rows for a worker without shared memory: a block that is transferred there and back. */
export interface Rows {
  posted: Posted;
  block: ArrayBuffer;
}

/** Buffers of the program's own that threads may be given arrays of, by number; `round`: how many such news there were. */
export interface News {
  round: number;
  more: (readonly [number, ArrayBufferLike])[];
  less: number[];
}

export type ToWorker = { start: Start } | { rows: Rows } | { news: News };

export type FromWorker =
  | { ready: true }
  /** DONE has risen, for a calling thread that cannot wait for it. */
  | { done: true }
  /** Shared memory: the job in this slot failed. */
  | { failed: { slot: number; message: string } }
  /** Without shared memory: the block again, with the results, and what went wrong. */
  | { rows: { block: ArrayBuffer; error: string | null } };
