import type { Call } from '../operation.js';
import { bitsOf, isShared, widthOf } from '../rows.js';
import type { Crew } from './crew.js';
import { arrayAt, kindOf } from './posted.js';
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
 * weights beside them, those few are copied as a whole. null when it must be copied in blocks of rows.
 */
export function makeResident(crew: Crew, call: Call): Resident | null {
  const declared = call.operation.operands;
  const unseen = call.operands.map((array, i) => array !== null && (!crew.sees(array) || isNarrow(call, i)));
  if (unseen.some((is, i) => is && isMatrix(call, i))) return null;

  const operands = [...call.operands];
  const copied = unseen.flatMap((is, i) => (is ? [i] : []));
  const memory: Float32Array[] = [];
  const free = () => {
    for (const array of memory) crew.free(array);
  };
  try {
    for (const i of copied) {
      const array = bitsOf(call.operands[i]!);
      const length = isShared(call, i) ? lengthOf(array) : call.rows * widthOf(call, i);
      const kind = isNarrow(call, i) ? 'Int32Array' : kindOf(array);
      const place = crew.alloc(length);
      memory.push(place);
      operands[i] = arrayAt(place.buffer, { kind, pointer: place.byteOffset, length });
      if (!declared[i].output) operands[i].set(array);
    }
  } catch {
    // No memory for that much: block by block.
    free();
    return null;
  }
  return {
    call: call.over(operands),
    copyOut: () => {
      for (const i of copied) if (declared[i].output) setView(bitsOf(call.operands[i]!), operands[i]!);
    },
    free,
  };
}
