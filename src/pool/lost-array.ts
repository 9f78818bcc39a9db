import type { Call } from '../operation.js';
import { isShared, widthOf } from '../rows.js';
import { lengthOf } from '../view.js';
import { Failure } from './crew.js';

/** Why copies of a call failed: an array of it that was taken away meanwhile, by a transfer or by a smaller buffer; or null. */
export function lostArray(call: Call): Failure | null {
  const { operands, operation, rows } = call;
  const i = operands.findIndex((array, index) => {
    return (
      array !== null && lengthOf(array) < (isShared(call, index) ? Math.min(rows, 1) : rows * widthOf(call, index))
    );
  });
  if (i < 0) return null;
  const { name } = operation.operands[i];
  const text = `expected ${name} to keep its buffer while the call uses it, got one that was transferred or shrunk`;
  return new Failure(text, TypeError, name);
}
