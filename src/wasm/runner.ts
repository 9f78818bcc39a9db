import type { Room } from '../backend.js';
import type { OperandArray } from '../operand.js';
import type { Call, Runner } from '../operation.js';
import type { Tier } from '../types.js';
import { Area } from './area.js';
import { type Kernels, withDecisions } from './kernels.js';
import { AREA, COPIES, COPIES_END, LinearMemory } from './linear-memory.js';
import { computeWrittenOut } from '../scalar/reader.js';
import { PLAIN } from '../rows.js';
import { LongRows } from './long-rows.js';
import type { Reader } from './reader-module.js';
import { RowTiles } from './row-tiles.js';
import { Tiles } from './tiles.js';

/**
 * Computes calls in WebAssembly. Operands that live in the engine's memory are not copied; ordinary arrays are, a tile of
 * rows at a time, rows too long for that in a memory of their own. What is chosen never changes a bit of the result.
 */
export class WasmRunner implements Runner {
  readonly tier: Tier;
  readonly memory: LinearMemory;
  private readonly tiles: Tiles;
  private readonly longRows: LongRows;
  private readonly area: Area;
  /** Of rows as they are: opened when the first are met, null where there is no module for them. */
  private rowTiles: RowTiles | null | undefined = undefined;
  private readonly openReader: (memory: WebAssembly.Memory) => Reader | null;
  private readonly kernelMemory: WebAssembly.Memory;
  private readonly kernels: Kernels;
  private readonly instantiate: () => Kernels;
  /** Whether the module of decisions has been asked for, and whether it is here. */
  private asked = false;
  private decides = false;

  /**
   * @param instantiate another instance of the kernels, with a memory of its own
   * @param openReader an instance of the readers over a memory; null where they cannot be had
   * @param decisions their module; null where there shall be none, undefined where `needDecisions` may bring it
   */
  constructor(
    kernels: Kernels,
    tier: Tier,
    room: Room | undefined,
    instantiate: () => Kernels,
    openReader: (memory: WebAssembly.Memory) => Reader | null,
    decisions?: WebAssembly.Module | null,
  ) {
    this.tier = tier;
    this.kernels = kernels;
    this.instantiate = instantiate;
    this.kernelMemory = kernels.memory;
    this.openReader = openReader;
    this.memory = new LinearMemory(kernels, room);
    this.area = new Area(kernels, kernels.memory, AREA);
    this.tiles = new Tiles(this.area, this.memory, this.memory, COPIES);
    this.longRows = new LongRows(instantiate, openReader);
    this.asked = decisions !== undefined;
    if (decisions) this.useDecisions(decisions);
  }

  needDecisions(open: () => WebAssembly.Module): void {
    if (this.asked) return;
    this.asked = true;
    try {
      this.useDecisions(open());
    } catch {
      // Then they are made in TypeScript.
    }
  }

  private useDecisions(module: WebAssembly.Module): void {
    this.area.use(withDecisions(this.kernels, module));
    this.longRows.use(() => withDecisions(this.instantiate(), module));
    this.decides = true;
  }

  strays(array: OperandArray): boolean {
    return this.memory.strays(array);
  }

  run(call: Call): void {
    if (call.operation.decision !== null && !this.decides) this.decide(call);
    else if (call.layout !== PLAIN) this.runRows(call);
    else if (!this.tiles.run(call, COPIES_END)) this.longRows.run(call);
  }

  /** In TypeScript, all but what the kernel makes of it. */
  private decide(call: Call): void {
    if (call.layout !== PLAIN) {
      computeWrittenOut(call, (plain) => this.decide(plain));
      return;
    }
    const { decide, follow } = call.operation;
    decide!(call);
    if (follow !== null) this.run(follow(call));
  }

  private runRows(call: Call): void {
    if (this.rowTiles === undefined) {
      const reader = this.openReader(this.kernelMemory);
      this.rowTiles = reader && new RowTiles(this.area, this.memory, this.memory, COPIES, reader);
    }
    if (this.rowTiles === null) computeWrittenOut(call, (plain) => this.run(plain));
    else if (!this.rowTiles.run(call, COPIES_END)) this.longRows.run(call);
  }
}
