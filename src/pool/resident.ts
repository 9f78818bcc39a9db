import type { Call } from '../operation.js';
import { bitsOf, isShared, widthOf } from '../rows.js';
import type { Block, Crew } from './crew.js';
import { arrayAt, kindOf, type Place } from './posted.js';
import { isMatrix, isNarrow } from './staging.js';
import { lengthOf, setView } from '../view.js';

/** A call that the threads can take in one piece, after copies of what has one element a row. */
export interface Resident {
  call: Call;
  copyOut(): void;
  free(): void;
}

/**
 * The call as it is when the threads see all its operands. When they see the matrices, but not the labels, losses or class
 * weights beside them, those few are copied as a whole. What is summed over the rows, and wanted for nothing else, gets a
 * place, too. null when it must be copied in blocks of rows.
 */
export function makeResident(crew: Crew, call: Call): Resident | null {
  const { operation, summed, rows } = call;
  const unseen = call.operands.map((array, i) => array !== null && (!crew.reaches(array) || isNarrow(call, i)));
  if (unseen.some((is, i) => is && isMatrix(call, i))) return null;

  const copied = unseen.flatMap((is, i) => (is ? [i] : []));
  const places = copied.map((i) => ({ index: i, ...sizeOf(call, i) }));
  if (crew.looksAtRows && summed >= 0 && call.operands[summed] === null) {
    places.push({ index: summed, kind: 'Float32Array', length: rows });
  }
  const isIn = (i: number) => !operation.operands[i].output;
  const operands = [...call.operands];
  const blocks: Block[] = [];
  const free = () => {
    for (const block of blocks) crew.giveBlock(block);
  };
  for (const { index, kind, length } of places) {
    const block = crew.takeBlock(4 * length);
    if (block === null) {
      // No memory for that much: block by block.
      free();
      return null;
    }
    blocks.push(block);
    operands[index] = arrayAt(block.array.buffer, { kind, pointer: block.at(0), length });
    if (isIn(index)) operands[index].set(bitsOf(call.operands[index]!));
  }
  return {
    call: call.over(operands),
    copyOut: () => {
      for (const i of copied) if (!isIn(i)) setView(bitsOf(call.operands[i]!), operands[i]!);
    },
    free,
  };
}

function sizeOf(call: Call, index: number): Pick<Place, 'kind' | 'length'> {
  const array = call.operands[index]!;
  return {
    kind: isNarrow(call, index) ? 'Int32Array' : kindOf(array),
    length: isShared(call, index) ? lengthOf(array) : call.rows * widthOf(call, index),
  };
}
