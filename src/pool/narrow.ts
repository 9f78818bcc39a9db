import type { Crew } from './crew.js';
import { elements, type Job, KINDS, type Operand } from './kinds.js';

/** A job that the threads can take in one piece, after copies of what has one element a row. */
export interface Resident {
  job: Job;
  copyOut(): void;
  free(): void;
}

/**
 * The job as it is when the threads see all its operands. When they see the matrices, but not the labels, losses or class
 * weights beside them, those few are copied as a whole. null when it must be copied in blocks of rows.
 */
export function makeResident(crew: Crew, job: Job): Resident | null {
  const { op, places } = KINDS[job.kind]!;
  const unseen = job.operands.map((array) => array !== null && !crew.sees(array));
  if (unseen.some((is, i) => is && places[i]!.width === 'row')) return null;

  const operands = [...job.operands];
  const copied = unseen.flatMap((is, i) => (is ? [i] : []));
  const free = () => {
    for (const i of copied) if (operands[i] !== job.operands[i]) crew.free(operands[i]!);
  };
  try {
    for (const i of copied) {
      const { width, output } = places[i]!;
      const length = elements(width, job.rows, job.cols);
      operands[i] = op === 'crossEntropyLabels' && i === 1 ? crew.allocInt32(length) : crew.alloc(length);
      if (!output) operands[i].set(job.operands[i]!);
    }
  } catch {
    // No memory for that much: block by block.
    free();
    return null;
  }
  return {
    job: { ...job, operands },
    copyOut: () => {
      for (const i of copied) if (places[i]!.output) (job.operands[i] as Operand).set(operands[i]!);
    },
    free,
  };
}
