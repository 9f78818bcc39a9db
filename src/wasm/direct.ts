import {
  ALPHA,
  BETA,
  GRAD_SCALE,
  IGNORE,
  type Kernels,
  LOSS_SCALE,
  PARAMETERS_BYTES,
  STATE_BYTES,
  TABLE_BYTES,
  ZETA,
} from './kernels.js';

/**
 * The kernels on operands that all lie in one linear memory, by byte pointers: what a thread of the pool calls. Nothing
 * is checked, copied or streamed. `area` is the caller's own piece of the memory:
 *
 *   | table | table of temperature 1 | parameters of cross-entropy | state |
 */
const TABLE_ONE = TABLE_BYTES;
const PARAMETERS = TABLE_ONE + TABLE_BYTES;
const STATE = PARAMETERS + PARAMETERS_BYTES;
export const AREA_BYTES = (STATE + STATE_BYTES + 4095) & ~4095;

export type DirectOp =
  | 'softmax'
  | 'logSoftmax'
  | 'logSumExp'
  | 'softmaxJvp'
  | 'logSoftmaxJvp'
  | 'logSoftmaxVjp'
  | 'softmaxWithJvp'
  | 'crossEntropyLabels'
  | 'crossEntropyProbs';

export class Direct {
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #area: number;
  #temperature = 1;

  constructor(kernels: Kernels, memory: WebAssembly.Memory, area: number) {
    this.#kernels = kernels;
    this.#memory = memory;
    this.#area = area;
    kernels.constants(area, 1);
    kernels.constants(area + TABLE_ONE, 1);
  }

  /**
   * @param pointers the operands in the order of the backend's method of that name, 0 for none; cross-entropy: logits,
   *   targets, class weights, dlogits, losses, lse
   * @param scalars the temperature; cross-entropy: also ignoreIndex, labelSmoothing, zLoss, lossScale, gradScale
   */
  run(op: DirectOp, pointers: ArrayLike<number>, rows: number, cols: number, scalars: ArrayLike<number>): void {
    const kernels = this.#kernels;
    const [a, b, c, d] = [pointers[0]!, pointers[1]!, pointers[2]!, pointers[3]!];
    const k = this.#area;
    const one = k + TABLE_ONE;
    const s = k + STATE;
    switch (op) {
      case 'softmaxJvp':
        return kernels.softmaxJvp(a, b, c, rows, cols, one, s);
      case 'logSoftmaxJvp':
        return kernels.logSoftmaxJvp(a, b, c, rows, cols, one, s);
      case 'logSoftmaxVjp':
        return kernels.logSoftmaxVjp(a, b, c, rows, cols, one, s);
    }
    this.#useTemperature(scalars[0]!);
    switch (op) {
      case 'softmax':
        return kernels.softmax(a, b, rows, cols, k, s);
      case 'logSoftmax':
        return kernels.logSoftmax(a, b, rows, cols, k, s);
      case 'logSumExp':
        return kernels.logSumExp(a, b, rows, cols, k, s);
      case 'softmaxWithJvp':
        return kernels.softmaxWithJvp(a, b, c, d, rows, cols, k, s);
    }
    const p = k + PARAMETERS;
    this.#writeParameters(p, cols, scalars);
    const labelled = op === 'crossEntropyLabels';
    const [losses, lse] = [pointers[4]!, pointers[5]!];
    kernels.crossEntropy(a, labelled ? b : 0, labelled ? 0 : b, c, d, losses, lse, rows, cols, k, s, p);
  }

  #useTemperature(temperature: number): void {
    if (temperature === this.#temperature) return;
    this.#kernels.constants(this.#area, temperature);
    this.#temperature = temperature;
  }

  #writeParameters(at: number, cols: number, scalars: ArrayLike<number>): void {
    const view = new DataView(this.#memory.buffer);
    const smoothing = scalars[2]!;
    view.setInt32(at + IGNORE, scalars[1]!, true);
    view.setFloat64(at + ALPHA, 1 - smoothing, true);
    view.setFloat64(at + BETA, smoothing / cols, true);
    view.setFloat64(at + ZETA, scalars[3]!, true);
    view.setFloat64(at + LOSS_SCALE, scalars[4]!, true);
    view.setFloat64(at + GRAD_SCALE, scalars[5]!, true);
  }
}
