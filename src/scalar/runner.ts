import type { Call, Runner } from '../operation.js';
import { PLAIN } from '../rows.js';
import { computeWrittenOut } from './reader.js';

/** Everything in TypeScript, in float64 until the result is stored. Its arrays lie in no linear memory. */
export const scalarRunner: Runner = {
  tier: 'scalar',
  strays: () => false,
  run: (call) => (call.layout === PLAIN ? formula(call) : computeWrittenOut(call, formula)),
};

function formula(call: Call): void {
  call.operation.decide?.(call);
  call.operation.formula(call);
}
