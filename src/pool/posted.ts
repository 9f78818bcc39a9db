import { Call, type OperandArray, type Operation } from '../operation.js';
import { OPERATIONS } from '../ops/operations.js';

/** The most that an operation may have: there is room for so many in the control block. */
export const MOST_OPERANDS = 8;
export const MOST_PARAMETERS = 8;

/** Some rows of a call as a thread is told of them: in numbers. */
export interface Posted {
  /** Index into OPERATIONS. */
  operation: number;
  rows: number;
  cols: number;
  temperature: number;
  parameters: readonly number[];
  /** Of the operands, byte offsets in the memory that the thread sees; 0 for none. */
  pointers: readonly number[];
}

export function numberOf(operation: Operation): number {
  return OPERATIONS.indexOf(operation);
}

/** The operands where they lie in a memory that the threads see. */
export function pointersOf({ operands }: Call): number[] {
  return operands.map((array) => array?.byteOffset ?? 0);
}

export function post(call: Call): Posted {
  const { operation, rows, cols, temperature, parameters } = call;
  return {
    operation: numberOf(operation),
    rows,
    cols,
    temperature,
    parameters: [...parameters],
    pointers: pointersOf(call),
  };
}

/** The call again, on the operands that `at` makes of their pointers. */
export function receive(
  posted: Posted,
  at: (pointer: number, index: number, operation: Operation) => OperandArray | null,
): Call {
  const operation = OPERATIONS[posted.operation];
  const call = new Call(
    operation,
    operation.operands.map((_, i) => (posted.pointers[i] === 0 ? null : at(posted.pointers[i], i, operation))),
  );
  call.rows = posted.rows;
  call.cols = posted.cols;
  call.temperature = posted.temperature;
  call.parameters.push(...posted.parameters);
  return call;
}
