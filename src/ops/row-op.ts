import type { Backend } from '../backend.js';
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

type RowOp = (logits: Float32Array, cols: number, options?: RowOptions) => Float32Array;

/** An operation of logits whose result has as many elements as `resultRule` names: checks, fresh output, then `run`. */
export function makeRowOp(
  host: Host,
  op: string,
  resultRule: 'logits.length' | 'rows',
  run: (backend: Backend, x: Float32Array, y: Float32Array, rows: number, cols: number, temperature: number) => void,
): RowOp {
  return (logits, cols, options) => {
    checkFloats(host, op, 'logits', logits);
    const rows = checkCols(op, cols, 'logits', logits.length);
    const length = resultRule === 'rows' ? rows : logits.length;
    let out: Float32Array | undefined;
    let temperature = 1;
    if (options !== undefined) {
      checkOptions(op, options);
      out = options.out;
      if (out !== undefined) {
        checkFloats(host, op, 'out', out);
        checkLength(op, 'out', out.length, resultRule, length);
        checkSameOrApart(op, 'out', out, 'logits', logits);
      }
      temperature = checkTemperature(op, options.temperature);
    }
    out ??= freshFloats(op, length);
    run(host.backend ?? host.open(), logits, out, rows, cols, temperature);
    return out;
  };
}
