import {
  checkCols,
  checkFloats,
  checkLength,
  checkOptions,
  checkSameOrApart,
  checkTemperature,
  freshFloats,
} from '../check.js';
import type { Host } from '../host.js';
import type { RowOptions } from '../types.js';

export interface Softmax {
  /**
   * Softmax of each row: `y[r, c] = exp((x[r, c] − m) / T) / Σ`, m being the row's maximum.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row
   * @param options `out` f32[rows, cols], which may be exactly `logits`; `temperature` T, default 1
   * @returns f32[rows, cols], `out` itself when given: within 6 ULP, in [0, 1], equal logits with equal bits; a row with
   *   a NaN, with +Infinity or with nothing but -Infinity is all NaN
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length, `cols` or `temperature` out of range, or an `out` that overlaps part of `logits`
   * @example
   * softmax(new Float32Array([1, 2, 3, 1, 1, 1]), 3); // 2 rows: [0.09, 0.24, 0.67], [0.33, 0.33, 0.33]
   */
  <O extends Float32Array = Float32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    options?: RowOptions<O>,
  ): NoInfer<O>;
}

export function makeSoftmax(host: Host): Softmax {
  const op = 'softmax';
  return function softmax(logits: Float32Array, cols: number, options?: RowOptions): Float32Array {
    checkFloats(host, op, 'logits', logits);
    const rows = checkCols(op, cols, 'logits', logits.length);
    let out: Float32Array | undefined;
    let temperature = 1;
    if (options !== undefined) {
      checkOptions(op, options);
      out = options.out;
      if (out !== undefined) {
        checkFloats(host, op, 'out', out);
        checkLength(op, 'out', out.length, 'logits.length', logits.length);
        checkSameOrApart(op, 'out', out, 'logits', logits);
      }
      temperature = checkTemperature(op, options.temperature);
    }
    out ??= freshFloats(op, logits.length);
    (host.backend ?? host.open()).softmax(logits, out, rows, cols, temperature);
    return out;
  } as Softmax;
}
