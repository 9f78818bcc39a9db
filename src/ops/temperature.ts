import { checkNumber } from '../check.js';
import type { Setting } from '../operation.js';

/** The option `temperature`: a number in [2^-16, 2^16], 1 when not given. */
export const TEMPERATURE: Setting = {
  name: 'temperature',
  read(call, value) {
    call.temperature = checkNumber(
      call.operation.name,
      'temperature',
      value,
      2 ** -16,
      2 ** 16,
      'a number in [2^-16, 2^16]',
    );
  },
};
