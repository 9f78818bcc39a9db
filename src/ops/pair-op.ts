import type { Backend } from '../backend.js';
import {
  checkApart,
  checkCols,
  checkFloats,
  checkLength,
  checkOptions,
  checkSameOrApart,
  freshFloats,
} from '../check.js';
import type { Host } from '../host.js';
import type { OutOptions } from '../types.js';

type PairOp = (a: Float32Array, b: Float32Array, cols: number, options?: OutOptions) => Float32Array;

/** An operation of two arrays of one shape, named `aName` and `bName`, whose result has it too: checks, then `run`. */
export function makePairOp(
  host: Host,
  op: string,
  aName: string,
  bName: string,
  run: (backend: Backend, a: Float32Array, b: Float32Array, y: Float32Array, rows: number, cols: number) => void,
): PairOp {
  const lengthOfA = `${aName}.length`;
  return (a, b, cols, options) => {
    checkFloats(host, op, aName, a);
    checkFloats(host, op, bName, b);
    checkLength(op, bName, b.length, lengthOfA, a.length);
    const rows = checkCols(op, cols, aName, a.length);
    let out: Float32Array | undefined;
    if (options !== undefined) {
      checkOptions(op, options);
      out = options.out;
      if (out !== undefined) {
        checkFloats(host, op, 'out', out);
        checkLength(op, 'out', out.length, lengthOfA, a.length);
        checkSameOrApart(op, 'out', out, aName, a);
        checkApart(op, 'out', out, bName, b);
      }
    }
    out ??= freshFloats(op, a.length);
    run(host.backend ?? host.open(), a, b, out, rows, cols);
    return out;
  };
}
