import { logitsInput, output } from '../operand.js';
import { type Call, declare, type Operation } from '../operation.js';
import { LogitRows } from '../scalar/logit-rows.js';
import type { Float16, HalfKind, LayoutOptions, Mode, OfBits, OptionsOf, ResultOf } from '../types.js';

/** Options of `argmax`. */
export interface ArgmaxOptions<
  O extends Int32Array = Int32Array,
  D extends string = 'float32',
> extends LayoutOptions<D> {
  /** i32[rows]: where the result goes; the function returns this very array. */
  out?: O | undefined;
}

/** The type of `argmax`. */
export interface Argmax<M extends Mode = 'sync'> {
  /**
   * The column of each row's largest logit, the first of equals: `out[r] = argmax(x[r])`. -0 and 0 are equal.
   *
   * @param logits f32[rows, cols], row-major
   * @param cols elements of a row
   * @param options `out` i32[rows]
   * @returns i32[rows], `out` itself when given: -1 for a row with a NaN, or of which nothing takes part; the same on every
   *   tier
   * @throws TypeError for an argument of a wrong type or a detached array
   * @throws RangeError for a length or `cols` out of range, or an `out` that overlaps `logits`
   * @example
   * argmax(Float32Array.of(1, 5, 5, 0, NaN, 2), 3); // [1, -1]
   */
  <O extends Int32Array = Int32Array<ArrayBuffer>>(
    logits: Float32Array,
    cols: number,
    options?: OptionsOf<M, ArgmaxOptions<O>>,
  ): ResultOf<M, NoInfer<O>>;
  /** Of half floats, which `dtype` names. */
  <O extends Int32Array = Int32Array<ArrayBuffer>>(
    logits: Uint16Array,
    cols: number,
    options: OptionsOf<M, ArgmaxOptions<O, HalfKind> & OfBits>,
  ): ResultOf<M, NoInfer<O>>;
  /** Of a Float16Array. */
  <O extends Int32Array = Int32Array<ArrayBuffer>>(
    logits: Float16,
    cols: number,
    options?: OptionsOf<M, ArgmaxOptions<O, 'float16'>>,
  ): ResultOf<M, NoInfer<O>>;
}

/** @internal */
export const argmaxOp: Operation = /* @__PURE__ */ declareArgmax();

/** In a function, so that a bundler can leave out what it calls. */
function declareArgmax(): Operation {
  return declare({
    name: 'argmax',
    operands: [/* @__PURE__ */ logitsInput(), /* @__PURE__ */ output('out', 'one', -1, 'i32')],
    options: ['out'],
    made: ['out'],
    decision: 'argmax',
    decide,
    kernel: null,
    formula: () => undefined,
    rows: 'any',
    result,
  });
}

function decide({ operands, rows, cols }: Call): void {
  const [x, y] = operands as [Float32Array, Int32Array];
  for (let r = 0, start = 0; r < rows; r++, start += cols) y[r] = argmaxOf(x, start, cols);
}

function argmaxOf(x: Float32Array, start: number, cols: number): number {
  let at = 0;
  let max = x[start];
  for (let j = 0; j < cols; j++) {
    const v = x[start + j];
    if (Number.isNaN(v)) return -1;
    if (v > max) {
      max = v;
      at = j;
    }
  }
  return at;
}

/** Of a row of nothing but -Infinity the first column that takes part: what takes none is -Infinity to a kernel, too. */
function result(call: Call): unknown {
  const indices = call.operands[1] as Int32Array;
  const x = new LogitRows(call);
  if (x.isWhole) return indices;
  for (let r = 0; r < call.rows; r++) {
    if (indices[r] < 0 || x.takesPart(r, indices[r])) continue;
    let j = 0;
    while (j < call.cols && !x.takesPart(r, j)) j++;
    indices[r] = j < call.cols ? j : -1;
  }
  return indices;
}
