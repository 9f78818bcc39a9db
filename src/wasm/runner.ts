import type { Call, OperandArray, Runner } from '../operation.js';
import type { Tier } from '../types.js';
import { Area } from './area.js';
import type { Kernels } from './kernels.js';
import { AREA, COPIES, COPIES_END, LinearMemory } from './linear-memory.js';
import { LongRows } from './long-rows.js';
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

  /** @param instantiate another instance of the kernels, with a memory of its own */
  constructor(kernels: Kernels, tier: Tier, arenaBytes: number, instantiate: () => Kernels) {
    this.tier = tier;
    this.memory = new LinearMemory(kernels, arenaBytes);
    this.tiles = new Tiles(new Area(kernels, kernels.memory, AREA), this.memory, this.memory, COPIES);
    this.longRows = new LongRows(instantiate);
  }

  strays(array: OperandArray): boolean {
    return this.memory.strays(array);
  }

  run(call: Call): void {
    if (!this.tiles.run(call, COPIES_END)) this.longRows.run(call);
  }
}
