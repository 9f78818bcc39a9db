import { Call, elements } from '../operation.js';
import type { Crew } from './crew.js';

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
  const unseen = call.operands.map((array) => array !== null && !crew.sees(array));
  if (unseen.some((is, i) => is && declared[i].width === 'row')) return null;

  const operands = [...call.operands];
  const copied = unseen.flatMap((is, i) => (is ? [i] : []));
  const free = () => {
    for (const i of copied) if (operands[i] !== call.operands[i]) crew.free(operands[i]!);
  };
  try {
    for (const i of copied) {
      const { width, type, output } = declared[i];
      const length = elements(width, call.rows, call.cols);
      operands[i] = type === 'i32' ? crew.allocInt32(length) : crew.alloc(length);
      if (!output) operands[i].set(call.operands[i]!);
    }
  } catch {
    // No memory for that much: block by block.
    free();
    return null;
  }
  return {
    call: call.over(operands),
    copyOut: () => {
      for (const i of copied) if (declared[i].output) call.operands[i]!.set(operands[i]!);
    },
    free,
  };
}
