import { createEngine, type Engine } from '../index.js';
import { asFlagError, type Flags } from './flag.js';

/** Has the library check the options with an empty batch, before a file is opened. */
export function dryRun(flags: Flags, call: (scalar: Engine) => unknown): void {
  try {
    call(createEngine({ tier: 'scalar' }));
  } catch (error) {
    throw asFlagError(flags, error);
  }
}
