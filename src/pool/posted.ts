import { elements, type OperandArray } from '../operand.js';
import { Call, type Operation } from '../operation.js';
import { OPERATIONS } from '../ops/operations.js';
import { type HalfKind, PLAIN, type RowLayout, wordsOf } from '../rows.js';
import { byteOffsetOf, elementBytes, viewClass } from '../view.js';

/** The most that an operation may have: there is room for so many in the control block. */
export const MOST_OPERANDS = 11;
export const MOST_PARAMETERS = 8;

/** A call, or a part of one, as a thread is told of it: in numbers. */
export interface Posted {
  /** Index into OPERATIONS. */
  operation: number;
  rows: number;
  cols: number;
  k: number;
  temperature: number;
  parameters: readonly number[];
  /** Of the operands, byte offsets in the memory that the thread sees; 0 for none. */
  pointers: readonly number[];
  /** Or, and BEFORE more, in buffers of the program's own, by their numbers, 0 for that memory; null where all lie there. */
  buffers: readonly number[] | null;
  /** How rows lie that are not plain: LAYOUT_NUMBERS of them; null for plain ones. */
  layout: readonly number[] | null;
  /** Rows [from, to) of it are wanted. */
  from: number;
  to: number;
}

/** An array may begin at byte 0 of a buffer of the program's own, and 0 means none. */
export const BEFORE = 8;

export function numberOf(operation: Operation): number {
  return OPERATIONS.indexOf(operation);
}

/** The operands where they lie in a memory that the threads see. */
export function pointersOf({ operands }: Call): number[] {
  return operands.map((array) => (array === null ? 0 : byteOffsetOf(array)));
}

export function post(call: Call): Posted {
  const { operation, rows, cols, k, temperature, parameters } = call;
  return {
    operation: numberOf(operation),
    rows,
    cols,
    k,
    temperature,
    parameters: [...parameters],
    pointers: pointersOf(call),
    buffers: null,
    layout: call.layout === PLAIN ? null : layoutNumbers(call),
    from: 0,
    to: rows,
  };
}

const HALVES: readonly (HalfKind | null)[] = [null, 'float16', 'bfloat16'];
export const LAYOUT_NUMBERS = 9;

/** What a thread must know of rows as they are; the last two: operands of half floats, and whether the mask is of bits. */
export function layoutNumbers({ operands, operation, layout, whole }: Call): number[] {
  const { inner, offset, first, half, emptyIsZero, periods } = layout;
  let halves = 0;
  operands.forEach((array, i) => {
    if (array !== null && elementBytes(array) === 2 && operation.operands[i].type === 'half') halves |= 1 << i;
  });
  const mask = operands[operands.length - 1];
  const flags = (emptyIsZero ? 1 : 0) + (whole ? 2 : 0) + (mask !== null && elementBytes(mask) > 1 ? 4 : 0);
  return [inner, offset, first, HALVES.indexOf(half), ...periods, halves, flags];
}

/** The call again, whole, on the operands that `at` makes of their pointers, or on none. */
export function receive(posted: Posted, at: (place: Place) => OperandArray): Call {
  const { rows, cols, layout: numbers, pointers } = posted;
  const operation = OPERATIONS[posted.operation];
  const layout = numbers === null ? PLAIN : layoutFrom(numbers);
  const operands = operation.operands.map((_, i) =>
    pointers[i] === 0 ? null : at(placeOf(operation, i, posted, layout, numbers)),
  );
  const call = new Call(operation, operands);
  call.rows = rows;
  call.cols = cols;
  call.k = posted.k;
  call.temperature = posted.temperature;
  call.parameters.push(...posted.parameters);
  call.layout = layout;
  call.whole = numbers !== null && (numbers[8] & 2) !== 0;
  return call;
}

function layoutFrom([inner, offset, first, half, starts, ends, mask, , flags]: readonly number[]): RowLayout {
  const periods = [starts, ends, mask] as const;
  return { inner, offset, first, half: HALVES[half], emptyIsZero: (flags & 1) !== 0, periods };
}

/** Where an operand lies: its class, the buffer as in Posted, the byte, and how many elements. */
export interface Place {
  buffer: number;
  kind: 'Float32Array' | 'Int32Array' | 'Uint16Array' | 'Uint8Array' | 'Uint32Array';
  pointer: number;
  length: number;
}

function placeOf(
  operation: Operation,
  index: number,
  posted: Posted,
  { inner, offset, periods }: RowLayout,
  numbers: readonly number[] | null,
): Place {
  const { width, type } = operation.operands[index];
  const { rows, cols, k, buffers } = posted;
  const buffer = buffers === null ? 0 : buffers[index];
  const pointer = posted.pointers[index] - (buffer > 0 ? BEFORE : 0);
  const own = index - operation.count;
  const some = own >= 0 && periods[own] > 0 ? periods[own] : rows;
  // A matrix of rows side by side is there in whole blocks.
  const all = inner > 1 ? Math.ceil((offset + rows) / inner) * inner : rows;
  if (type === 'mask') {
    const isBits = numbers !== null && (numbers[8] & 4) !== 0;
    if (isBits) return { kind: 'Uint32Array', buffer, pointer, length: some * wordsOf(cols) };
    return { kind: 'Uint8Array', buffer, pointer, length: (some === rows ? all : some) * cols };
  }
  if (type === 'i32' || type === 'label') {
    return { kind: 'Int32Array', buffer, pointer, length: width === 'k' ? rows * k : some };
  }
  const isHalf = numbers !== null && (numbers[7] & (1 << index)) !== 0;
  return {
    kind: isHalf ? 'Uint16Array' : 'Float32Array',
    buffer,
    pointer,
    length: elements(width, width === 'row' ? all : rows, cols, k),
  };
}

/** How an array is named to a thread: by its bits. */
export function kindOf(array: OperandArray): Place['kind'] {
  const bytes = elementBytes(array);
  if (bytes < 4) return bytes === 1 ? 'Uint8Array' : 'Uint16Array';
  return viewClass(array) === 'Float32Array' ? 'Float32Array' : 'Int32Array';
}

/** An array over a buffer, and the byte behind it. */
export function arrayAt(buffer: ArrayBufferLike, { kind, pointer, length }: Omit<Place, 'buffer'>): OperandArray {
  if (kind === 'Float32Array') return new Float32Array(buffer, pointer, length);
  if (kind === 'Int32Array') return new Int32Array(buffer, pointer, length);
  if (kind === 'Uint16Array') return new Uint16Array(buffer, pointer, length);
  return kind === 'Uint8Array' ? new Uint8Array(buffer, pointer, length) : new Uint32Array(buffer, pointer, length);
}

export function endOf({ kind, pointer, length }: Place): number {
  return pointer + length * (kind === 'Uint8Array' ? 1 : kind === 'Uint16Array' ? 2 : 4);
}
