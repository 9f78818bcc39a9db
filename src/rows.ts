import { checkInteger, checkName, failRange, failType, show } from './check.js';
import { elements, input, type Operand, type OperandArray } from './operand.js';
import type { Call, Setting } from './operation.js';
import { elementBytes, lengthOf, partOfView, viewClass } from './view.js';

/**
 * Rows as they are: how the rows of a call lie in its arrays, and which columns take part. Declared here once for every
 * operation that takes logits; who computes (src/wasm/reader.ts, src/scalar/reader.ts) makes plain rows of them.
 */

/** Which of it an operation has: nothing; that rows lie side by side; all; all, and `emptyRows`. */
export type RowsDeclaration = 'plain' | 'inner' | 'any' | 'any or empty';

export type HalfKind = 'float16' | 'bfloat16';

/** Of a call. Matrices are [blocks, cols, inner]; row r is the one at r % inner of block r / inner. */
export interface RowLayout {
  /** Elements from one of a row to the next. */
  readonly inner: number;
  /** The first row's place in its block; others than 0 only for a part of one block. */
  readonly offset: number;
  /** The first row's number in the caller's arrays. */
  readonly first: number;
  /** What the bits of half operands are; null: they are float32. */
  readonly half: HalfKind | null;
  /** Whether a row of nothing but -Infinity is no NaN, but 0, or -Infinity as a logarithm. */
  readonly emptyIsZero: boolean;
  /** Of `starts`, `ends` and the mask: 0 where each row has its own, else row r has the one of row r % that. */
  readonly periods: readonly [number, number, number];
}

/** f32[rows, cols], all of which takes part. */
export const PLAIN: RowLayout = {
  inner: 1,
  offset: 0,
  first: 0,
  half: null,
  emptyIsZero: false,
  periods: [0, 0, 0],
};

/** The operands that say what takes part come after an operation's own: i32[rows], i32[rows], u8[rows, cols] or bits. */
export const STARTS = 0;
export const ENDS = 1;
export const MASK = 2;

export function rowOperands(rows: RowsDeclaration): Operand[] {
  if (rows === 'plain' || rows === 'inner') return [];
  return [input('starts', 'one', 'i32'), input('ends', 'one', 'i32'), input('mask', 'mask', 'mask')];
}

export function rowOptions(rows: RowsDeclaration): (string | Setting)[] {
  if (rows === 'plain') return [];
  if (rows === 'inner') return [INNER];
  return [INNER, 'starts', 'ends', 'mask', ...(rows === 'any' ? [] : [EMPTY_ROWS]), DTYPE];
}

const INNER: Setting = {
  name: 'inner',
  read(call, value) {
    const op = call.operation.name;
    const inner = checkInteger(op, 'inner', value, 1, Infinity, 'a positive integer');
    if (call.rows % inner !== 0) {
      const { name } = call.operation.operands[0];
      failRange(op, 'inner', `a divisor of ${name}.length / cols = ${call.rows}`, show(value));
    }
    if (inner > 1) lay(call, { inner });
  },
};

const EMPTY_ROWS: Setting = {
  name: 'emptyRows',
  read(call, value) {
    if (checkName(call.operation.name, 'emptyRows', value, ['nan', 'zero']) === 'zero')
      lay(call, { emptyIsZero: true });
  },
};

/** Of logits. */
export const DTYPES = ['float32', 'float16', 'bfloat16'] as const;

const DTYPE: Setting = {
  name: 'dtype',
  read(call, value) {
    const op = call.operation.name;
    const own = call.layout.half ?? 'float32';
    if (checkName(op, 'dtype', value, DTYPES) !== own)
      failType(op, 'dtype', `'${own}', as ${call.operation.operands[0].name} is`, show(value));
  },
};

/** Notes something of a call's layout that is not plain. */
export function lay(call: Call, more: Partial<RowLayout>): void {
  call.layout = { ...call.layout, ...more };
}

/** Words of a row's packed bits. */
export function wordsOf(cols: number): number {
  return Math.ceil(cols / 32);
}

/** Elements of a mask a row. */
export function maskWidth(mask: OperandArray, cols: number): number {
  return elementBytes(mask) === 1 ? cols : wordsOf(cols);
}

/** An operand of rows as they are, by its index after the operation's own: its length, and what period that means. */
export function readRowOperand(call: Call, which: number, array: OperandArray): void {
  const { operation, rows, cols } = call;
  const { inner, periods } = call.layout;
  const { name } = operation.operands[operation.count + which];
  const isBits = which === MASK && elementBytes(array) > 1;
  const width = which === MASK ? maskWidth(array, cols) : 1;
  if (isBits && inner > 1) failRange(operation.name, name, 'bytes, one an element, with inner > 1', 'packed bits');
  const length = lengthOf(array);
  const own = length / width;
  const isShared = own > 0 && (inner === 1 ? Number.isInteger(own) && rows % own === 0 : which === MASK && own === 1);
  if (own !== rows && !isShared) failRowLength(call, which, width, length);
  const next: [number, number, number] = [...periods];
  next[which] = own === rows ? 0 : own;
  lay(call, { periods: next });
}

function failRowLength({ operation, rows, cols, layout }: Call, which: number, width: number, got: number): never {
  const { name } = operation.operands[operation.count + which];
  const all = rows * width;
  let rule = which === MASK ? `rows · ${width === cols ? 'cols' : 'ceil(cols / 32)'} = ${all}` : `rows = ${rows}`;
  if (layout.inner === 1)
    rule += which === MASK ? `, or ${width} for each of fewer rows that divide them` : ', or a divisor of them';
  else if (which === MASK) rule += ` or cols = ${cols}`;
  failRange(operation.name, `${name}.length`, rule, String(got));
}

/** 0 ≤ starts ≤ ends ≤ cols, of every row. */
export function checkSpans(call: Call): void {
  const { operation, operands, rows, cols, layout } = call;
  const starts = operands[operation.count + STARTS] as Int32Array | null;
  const ends = operands[operation.count + ENDS] as Int32Array | null;
  if (starts === null && ends === null) return;
  const [everyStart, everyEnd] = layout.periods;
  // What repeats is looked at once, where the shorter period divides the longer.
  const a = everyStart || (starts === null ? 1 : rows);
  const b = everyEnd || (ends === null ? 1 : rows);
  const count = Math.max(a, b) % Math.min(a, b) === 0 ? Math.max(a, b) : rows;
  for (let r = 0; r < Math.min(count, rows); r++) {
    const end = ends === null ? cols : ends[r % b];
    if (!(end >= 0 && end <= cols)) failRange(operation.name, `ends[${r % b}]`, `in [0, ${cols}]`, String(end));
    const start = starts === null ? 0 : starts[r % a];
    if (start >= 0 && start <= end) continue;
    const limit = ends === null ? `cols = ${cols}` : `ends[${r % b}] = ${end}`;
    failRange(operation.name, `starts[${r % a}]`, `in [0, ${limit}]`, String(start));
  }
}

/** The number of a row's own among those of `starts`, `ends` or the mask. */
export function numberIn({ periods, first }: RowLayout, which: number, row: number): number {
  return periods[which] > 0 ? (first + row) % periods[which] : row;
}

/** An array, or the bits of one that is neither float32 nor int32: of half floats that JavaScript knows as numbers, too. */
export function bitsOf(array: OperandArray): OperandArray {
  const name = viewClass(array);
  return name === 'Float32Array' || name === 'Int32Array' ? array : partOfView(array, 0, lengthOf(array));
}

/** Whether the index-th operand of a call is one array for all of its rows. */
export function isShared({ operation, layout }: Call, index: number): boolean {
  const which = index - operation.count;
  return which < 0 ? operation.operands[index].width === 'all' : layout.periods[which] > 0;
}

/** Elements of the index-th operand a row. */
export function widthOf({ operation, operands, cols, k }: Call, index: number): number {
  const { width } = operation.operands[index];
  return width === 'mask' ? maskWidth(operands[index]!, cols) : elements(width, 1, cols, k);
}
