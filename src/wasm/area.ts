import type { Call } from '../operation.js';
import { type Kernel, kernelOf, type Kernels } from './kernels.js';

/**
 * The kernels' own bytes in a linear memory, and how they are called on operands that lie in it:
 *
 *   | call | table of temperature 1 | table of another temperature | state | scratch of decisions |
 *
 * Nothing is checked or copied here. Threads that share a memory have an area each.
 */
export class Area {
  private kernels: Kernels;
  private readonly one: number;
  private readonly other: number;
  /** The temperature that the other table is of. */
  private temperature = 1;
  /** The kernel of the call before: looking one up takes as long as a short row. */
  private kernel: Kernel = nothing;
  /** The decision that comes before it. */
  private decision: Kernel = nothing;
  private name = '';
  /** How many operands it has. */
  private count = 0;
  /** What was last written as operands. */
  private pointers: readonly number[] | null = null;

  private readonly at: number;
  private readonly ints: Int32Array;
  private readonly doubles: Float64Array;
  // Indices into the two.
  private readonly rows: number;
  private readonly cols: number;
  private readonly first: number;
  private readonly step: number;
  private readonly spans: number;
  private readonly aheadAt: number;
  private readonly table: number;
  private readonly operands: number;
  private readonly totalAt: number;
  private readonly parameters: number;

  /** @param at byte offset of AREA_BYTES of the memory, a multiple of 16 */
  constructor(kernels: Kernels, memory: WebAssembly.Memory, at: number) {
    const valueOf = (name: keyof Kernels) => (kernels[name] as WebAssembly.Global).value as number;
    this.kernels = kernels;
    this.at = at;
    this.one = at + valueOf('CALL_BYTES');
    this.other = this.one + valueOf('TABLE_BYTES');
    this.ints = new Int32Array(memory.buffer, at, AREA_BYTES / 4);
    this.doubles = new Float64Array(memory.buffer, at, AREA_BYTES / 8);
    const ints = ['ROWS', 'COLS', 'FIRST', 'STEP', 'SPANS', 'AHEAD', 'TABLE', 'OPERANDS'] as const;
    [this.rows, this.cols, this.first, this.step, this.spans, this.aheadAt, this.table, this.operands] = ints.map(
      (name) => valueOf(`CALL_${name}`) / 4,
    );
    this.totalAt = valueOf('CALL_TOTAL') / 8;
    this.parameters = valueOf('CALL_PARAMETERS') / 8;
    this.ints[valueOf('CALL_STATE') / 4] = this.other + valueOf('TABLE_BYTES');
    this.use(kernels);
    this.lay(0, 0, 0);
    kernels.constants(this.one, 1);
  }

  /** From now on with these kernels, those of decisions among them or not. */
  use(kernels: Kernels): void {
    this.kernels = kernels;
    this.name = '';
    if (kernels.CALL_SCRATCH === undefined) return;
    const state = this.ints[kernels.CALL_STATE.value / 4];
    this.ints[kernels.CALL_SCRATCH.value / 4] = state + (kernels.STATE_BYTES.value as number);
  }

  /** What all parts of a call have in common; `run` and `total` come after it. */
  begin({ operation, cols, temperature, parameters, total }: Call): void {
    if (temperature !== 1 && temperature !== this.temperature) {
      this.kernels.constants(this.other, temperature);
      this.temperature = temperature;
    }
    if (operation.name !== this.name) {
      this.kernel = kernelOf(this.kernels, operation.kernel) ?? nothing;
      this.decision = kernelOf(this.kernels, operation.decision) ?? nothing;
      this.name = operation.name;
      this.count = operation.count;
    }
    this.ints[this.table] = temperature === 1 ? this.one : this.other;
    this.ints[this.cols] = cols;
    this.doubles[this.totalAt] = total;
    for (let i = 0; i < parameters.length; i++) this.doubles[this.parameters + i] = parameters[i];
  }

  /**
   * Computes some rows.
   *
   * @param pointers the operands in the order of the operation, byte offsets, 0 for none
   * @param first where the rows are those of one square: the first of them
   * @param known whether this very array was given before, with the same pointers in it
   */
  run(pointers: readonly number[], rows: number, first: number, known = false): void {
    const { ints } = this;
    ints[this.rows] = rows;
    ints[this.first] = first;
    if (!known || this.pointers !== pointers) {
      for (let i = 0; i < this.count; i++) ints[this.operands + i] = pointers[i];
      this.pointers = pointers;
    }
    this.decision(this.at);
    this.kernel(this.at);
  }

  /**
   * How rows lie from now on: bytes from a column to the next of rows side by side, the pointer of spans, bytes from rows to
   * what else may be fetched beside them; each may be 0.
   */
  lay(step: number, spans: number, ahead: number): void {
    this.ints[this.step] = step;
    this.ints[this.spans] = spans;
    this.ints[this.aheadAt] = ahead;
  }

  /** What was written as operands is not known any more. */
  forget(): void {
    this.pointers = null;
  }

  /** The call's sum and what the kernel has added since `begin`. */
  get total(): number {
    return this.doubles[this.totalAt];
  }
}

/** Room for an area: what the module says its parts take is less (test/wasm.test.ts). */
export const AREA_BYTES = 147456;

function nothing(): void {
  // Before the first call.
}
