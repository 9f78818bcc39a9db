import type { CrossEntropyOptions } from '../types.js';

/**
 * Where cross-entropy of some rows of a batch is told what all of its rows divide the mean by. The command line's own: it
 * computes a batch in parts, and has row losses and a finished gradient of each in one pass. A registered symbol, as the
 * command line is bundled without the library.
 */
export const DIVISOR: unique symbol = /* @__PURE__ */ Symbol.for('softmax-simd: divisor');

export interface PartOptions extends CrossEntropyOptions {
  readonly [DIVISOR]?: number | undefined;
}
