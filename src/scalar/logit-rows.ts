import type { OperandArray } from '../operand.js';
import type { Call } from '../operation.js';
import { bitsOf, ENDS, MASK, maskWidth, numberIn, STARTS } from '../rows.js';
import { halfToNumber } from './half.js';

/** Single logits of a call, however its rows lie: for what looks at a few of them. */
export class LogitRows {
  readonly #call: Call;
  readonly #logits: OperandArray;
  readonly #isHalf: boolean;

  constructor(call: Call) {
    this.#call = call;
    this.#logits = bitsOf(call.operands[0]!);
    this.#isHalf = this.#logits.BYTES_PER_ELEMENT === 2;
  }

  /** Whether a column takes part is asked of a mask, or of an interval. */
  get isWhole(): boolean {
    const { operands, operation } = this.#call;
    return operands.slice(operation.count).every((array) => array === null);
  }

  /** The logit of a column; -Infinity where it takes no part. */
  at(row: number, column: number): number {
    if (!this.takesPart(row, column)) return -Infinity;
    const { layout } = this.#call;
    const logit = this.#logits[this.#start(row) + column * layout.inner]!;
    return this.#isHalf ? halfToNumber(layout.half!, logit) : logit;
  }

  takesPart(row: number, column: number): boolean {
    const { operands, operation, cols, layout } = this.#call;
    const [starts, ends, mask] = operands.slice(operation.count);
    if (starts && column < starts[numberIn(layout, STARTS, row)]!) return false;
    if (ends && column >= ends[numberIn(layout, ENDS, row)]!) return false;
    if (!mask) return true;
    const width = maskWidth(mask, cols);
    if (mask.BYTES_PER_ELEMENT > 1) {
      return ((mask[numberIn(layout, MASK, row) * width + (column >> 5)]! >> (column & 31)) & 1) === 1;
    }
    if (layout.inner > 1 && layout.periods[MASK] === 0) return mask[this.#start(row) + column * layout.inner] !== 0;
    return mask[numberIn(layout, MASK, row) * width + column] !== 0;
  }

  /** The index of a row's first element. */
  #start(row: number): number {
    const { cols, layout } = this.#call;
    const pixel = (layout.offset + row) % layout.inner;
    return (layout.offset + row - pixel) * cols + pixel;
  }
}
