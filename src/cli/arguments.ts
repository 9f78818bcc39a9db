import { createEngine, type Engine } from '../index.js';
import { CommandError } from './errors.js';

/**
 * Has the library check the options of an empty batch, before a file is opened; what it says of an option is said of
 * the flag.
 */
export function checkArguments(op: string, call: (scalar: Engine) => unknown): void {
  try {
    call(createEngine({ tier: 'scalar' }));
  } catch (error) {
    const found = /^\w+: expected (\w+)(.*)$/s.exec(error instanceof Error ? error.message : '');
    if (!(error instanceof RangeError || error instanceof TypeError) || found === null) throw error;
    const flag = found[1]!.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new CommandError(`${op}: expected --${flag}${found[2]}`);
  }
}
