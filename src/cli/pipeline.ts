import type { Block } from './block.js';
import type { Demand } from './byte-input.js';

/** Blocks that wait for their next stage. */
class Queue {
  private readonly blocks: Block[] = [];
  private taker: ((block: Block | null) => void) | null = null;
  private closed = false;

  put(block: Block): void {
    if (this.taker === null) this.blocks.push(block);
    else this.settle(block);
  }

  /** The next block; null after the last one. */
  take(): Promise<Block | null> {
    const block = this.blocks.shift();
    if (block !== undefined) return Promise.resolve(block);
    if (this.closed) return Promise.resolve(null);
    return new Promise((resolve) => (this.taker = resolve));
  }

  close(): void {
    this.closed = true;
    if (this.taker !== null) this.settle(null);
  }

  get length(): number {
    return this.blocks.length;
  }

  private settle(block: Block | null): void {
    const taker = this.taker!;
    this.taker = null;
    taker(block);
  }
}

/** The blocks that lie free; the reader has one of the others in hand. */
class FreeBlocks extends Queue implements Demand {
  private waiter: (() => void) | null = null;

  constructor(private readonly all: readonly Block[]) {
    super();
    for (const block of all) super.put(block);
  }

  get now(): boolean {
    return this.length === this.all.length - 1;
  }

  wait(): Promise<void> {
    return this.now ? Promise.resolve() : new Promise((resolve) => (this.waiter = resolve));
  }

  override put(block: Block): void {
    super.put(block);
    if (!this.now) return;
    this.waiter?.();
    this.waiter = null;
  }
}

export interface Stages {
  /** Fills the block with the next rows; false when there are none. */
  read(block: Block, demand: Demand): Promise<boolean>;
  compute(block: Block): Promise<void> | void;
  write(block: Block): Promise<void>;
}

/**
 * Reading, computing and writing at once, each on a block of its own; the rows keep their order. A slow stage holds the
 * others up, as there are no more blocks than these. When reading fails, what came before is still written. When another
 * stage fails, this rejects at once, and a read may still be going on.
 */
export async function pipeline(blocks: readonly Block[], { read, compute, write }: Stages): Promise<void> {
  const free = new FreeBlocks(blocks);
  const filled = new Queue();
  const computed = new Queue();

  const reading = async () => {
    try {
      for (let block = await free.take(); block !== null; block = await free.take()) {
        if (!(await read(block, free))) break;
        filled.put(block);
      }
    } finally {
      filled.close();
    }
  };
  const computing = async () => {
    for (let block = await filled.take(); block !== null; block = await filled.take()) {
      await compute(block);
      computed.put(block);
    }
    computed.close();
  };
  const writing = async () => {
    for (let block = await computed.take(); block !== null; block = await computed.take()) {
      await write(block);
      free.put(block);
    }
  };
  const rest = Promise.all([computing(), writing()]);
  const readingLast = reading().catch(async (error: unknown) => {
    await rest;
    throw error;
  });
  await Promise.all([rest, readingLast]);
}
