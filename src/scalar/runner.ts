import type { Runner } from '../operation.js';

/** Everything in TypeScript, in float64 until the result is stored. Its arrays lie in no linear memory. */
export const scalarRunner: Runner = {
  tier: 'scalar',
  strays: () => false,
  run: (call) => call.operation.formula(call),
};
