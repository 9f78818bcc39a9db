import { type OperandArray, sharesWith, type Width } from '../operand.js';
import type { Call, Operation } from '../operation.js';
import type { Area } from './area.js';
import type { Views } from './linear-memory.js';
import { byteOffsetOf, elementBytes } from '../view.js';

/** Elements of a tile: 32 KiB of rows stay in the first-level cache (16 to 128 KiB measured within 2 % of each other). */
const TILE = 8192;
/** A cache line. */
const ALIGNMENT = 64;

/** Which arrays need no copy. */
export interface Residents {
  /** Whether an array lives in the kernels' memory. */
  has(array: OperandArray): boolean;
}

/** An operand: its index, and the elements from a row of it to the next, 0 for what serves all rows. */
interface Part {
  index: number;
  isInt: boolean;
  stride: number;
}

/** How calls of one operation and shape are computed: what is copied, where to, and how many rows at a time. */
interface Plan {
  operation: Operation;
  rows: number;
  cols: number;
  k: number;
  /** Which operands are given, and which of them are copied: bit i for operand i. */
  given: number;
  copied: number;
  /** Whether tiles are rows of one square, as a whole one does not fit. */
  inPieces: boolean;
  /** Rows in all, and of a tile: of the matrix, or of one square. */
  total: number;
  step: number;
  /** How many rows the kernel makes of one. */
  made: number;
  /** Pointers of the operands of the tile in work; those of copies never change. */
  pointers: number[];
  /** All operands; those that are copied, copied in, copied out, and used where they lie. */
  parts: Part[];
  copies: Part[];
  inputs: Part[];
  outputs: Part[];
  residents: Part[];
  /** The byte behind the last copy. */
  end: number;
}

/**
 * A call of plain rows in tiles of them: operands that lie elsewhere are copied into the kernels' memory and back, one kernel call a tile.
 * The squares of rows are computed whole, several a tile, or one after the other in pieces.
 */
export class Tiles {
  private readonly area: Area;
  private readonly views: Views;
  private readonly residents: Residents;
  private readonly base: number;
  /** Of the call before: most programs make calls of one shape in a row. */
  private last: Plan | null = null;

  /** @param base the byte offset from which on copies may lie */
  constructor(area: Area, views: Views, residents: Residents, base: number) {
    this.area = area;
    this.views = views;
    this.residents = residents;
    this.base = base;
  }

  /** Whether its copies end before `limit`; if so, computes the call. */
  run(call: Call, limit: number): boolean {
    const plan = this.planOf(call);
    if (plan.end > limit) return false;
    const { area } = this;
    area.begin(call);
    if (!plan.inPieces) this.runRows(call, plan, 0);
    else for (let r = 0; r < call.rows; r++) this.runRows(call, plan, r);
    call.total = area.total;
    return true;
  }

  /** Bytes of memory, up to the end of the copies, that the call needs. */
  bytesFor(call: Call): number {
    return this.planOf(call).end;
  }

  private planOf(call: Call): Plan {
    const { operands, operation, rows, cols, k } = call;
    const { residents } = this;
    let given = 0;
    let copied = 0;
    for (let i = 0; i < operation.count; i++) {
      const array = operands[i];
      if (array === null) continue;
      given |= 1 << i;
      // Class indices of fewer bytes become int32.
      if (!residents.has(array) || elementBytes(array) < 4) copied |= 1 << i;
    }
    let plan = this.last;
    if (plan === null || plan.operation !== operation || plan.given !== given || plan.copied !== copied) {
      this.last = plan = newPlan(operation, given, copied);
    }
    if (plan.rows !== rows || plan.cols !== cols || plan.k !== k) {
      fit(plan, rows, cols, k, this.base);
      this.area.forget();
    }
    return plan;
  }

  /** All rows, or those of the square at `index`. */
  private runRows(call: Call, plan: Plan, index: number): void {
    const { total, step, inPieces, made } = plan;
    const isKnown = plan.residents.length === 0;
    for (let r = 0; r < total; r += step) {
      const n = r + step < total ? step : total - r;
      const row = index * call.cols + r;
      this.copyIn(call, plan, row, r, n);
      if (!isKnown) point(call, plan, row, r);
      this.area.run(plan.pointers, n * made, inPieces ? r : 0, isKnown);
      this.copyOut(call, plan, row, n);
    }
  }

  /** Rows [row, row + n); what serves all rows comes with the first. */
  private copyIn({ operands, cols }: Call, { inputs, pointers }: Plan, row: number, r: number, n: number): void {
    for (let k = 0; k < inputs.length; k++) {
      const { index, isInt, stride } = inputs[k];
      if (stride > 0) this.views.copyIn(operands[index]!, isInt, row * stride, n * stride, pointers[index]);
      else if (r === 0) this.views.copyIn(operands[index]!, isInt, row, cols, pointers[index]);
    }
  }

  private copyOut({ operands }: Call, { outputs, pointers }: Plan, row: number, n: number): void {
    for (let k = 0; k < outputs.length; k++) {
      const { index, isInt, stride } = outputs[k];
      this.views.copyOut(pointers[index], operands[index]!, isInt, row * stride, n * stride);
    }
  }
}

/** Where the operands lie that are not copied. */
function point({ operands }: Call, { residents, pointers }: Plan, row: number, r: number): void {
  for (let k = 0; k < residents.length; k++) {
    const { index, stride } = residents[k];
    pointers[index] = byteOffsetOf(operands[index]!) + 4 * (stride > 0 ? row * stride : row - r);
  }
}

function newPlan(operation: Operation, given: number, copied: number): Plan {
  const declared = operation.operands.slice(0, operation.count);
  const parts = declared.map(({ type }, index) => ({ index, isInt: type === 'i32' || type === 'label', stride: 0 }));
  const copies = parts.filter(({ index }) => (copied & (1 << index)) !== 0);
  return {
    ...{ operation, rows: -1, cols: -1, k: -1, given, copied, inPieces: false, total: 0, step: 0, made: 1, end: 0 },
    ...{ parts, copies, pointers: declared.map(() => 0) },
    inputs: copies.filter(({ index }) => !declared[index].output),
    outputs: copies.filter(({ index }) => declared[index].output),
    residents: parts.filter(({ index }) => (given & ~copied & (1 << index)) !== 0),
  };
}

/** The plan for so many rows of so many columns: rows that each have their own length ask for it at every call. */
function fit(plan: Plan, rows: number, cols: number, k: number, base: number): void {
  const { operation, copied, parts, copies } = plan;
  const declared = operation.operands;
  const square = declared[operation.count - 1].width === 'square';
  plan.rows = rows;
  plan.cols = cols;
  plan.k = k;
  plan.inPieces = square && copied !== 0 && cols * cols > TILE;
  plan.made = square && !plan.inPieces ? cols : 1;
  plan.total = plan.inPieces ? cols : rows;
  for (const part of parts) part.stride = strideOf(declared[part.index].width, plan.inPieces, cols, k);
  let widest = 1;
  for (const { stride } of copies) widest = Math.max(widest, stride);
  plan.step = copied === 0 ? plan.total : Math.min(plan.total, Math.max(1, Math.floor(TILE / widest)));
  placeCopies(plan, base);
}

/** Where the copies of a tile lie, one after the other; an output has the place of the copied input that it may be. */
function placeCopies(plan: Plan, base: number): void {
  const { operation, copied, copies, pointers, step, cols } = plan;
  let end = base;
  for (const { index, stride } of copies) {
    const shared = sharesWith(operation.operands, index);
    if (shared >= 0 && (copied & (1 << shared)) !== 0) {
      pointers[index] = pointers[shared];
    } else {
      pointers[index] = end;
      end += Math.ceil((4 * (stride === 0 ? cols : step * stride)) / ALIGNMENT) * ALIGNMENT;
    }
  }
  plan.end = end;
}

function strideOf(width: Width, inPieces: boolean, cols: number, k: number): number {
  if (width === 'one') return 1;
  if (width === 'k') return k;
  if (width === 'all' || (inPieces && width === 'row')) return 0;
  return width === 'row' || inPieces ? cols : cols * cols;
}
