import { type Call, type Op, type Operand, OPS } from '../calls.js';
import { random } from '../inputs.js';
import { fromFloat, type HalfKind, toFloat } from './half.js';

/**
 * A call of rows as they are, and the same rows written out: f32[rows, cols] with -Infinity where a column takes no part.
 * CONTRACT section 6 promises equal bits. Nothing here is fast, and nothing is taken from src/.
 */

/** How rows lie and what takes part; what an operation does not take is left out. */
export interface Spec {
  outer: number;
  inner: number;
  half: HalfKind | null;
  /** Rows of `starts` and `ends`, 0 for none of them. */
  starts: number;
  ends: number;
  mask: 'none' | 'bytes' | 'one row of bytes' | 'bits';
  /** Rows of the mask where it may have fewer. */
  maskRows: number;
  /** The share of columns that the mask lets take part. */
  share: number;
  emptyIsZero: boolean;
  seed: number;
}

export interface Laid {
  call: Call;
  written: Call;
  rows: number;
  cols: number;
  /** The index in a matrix of row r's column c, and whether that takes part. */
  at(r: number, c: number): number;
  takesPart(r: number, c: number): boolean;
  /** Rows of nothing but -Infinity that are to be zero. */
  isEmpty(r: number): boolean;
}

export const takesLogits = (op: Op) => op.inputs[0].holds === 'logits';
/** The operations that take rows as they are, in one way at least. */
export const LAID_OPS = OPS.filter(({ options }) => options.includes('inner'));

/** `call`, whose arrays are of rows one after the other, as `spec` says. */
export function lay(call: Call, spec: Spec): Laid {
  const { op, cols } = call;
  const rows = spec.outer * spec.inner;
  const { inner } = spec;
  const at = (r: number, c: number) => (Math.floor(r / inner) * cols + c) * inner + (r % inner);
  const next = random(spec.seed);
  const options: Record<string, unknown> = {};
  const tests: ((r: number, c: number) => boolean)[] = [];
  if (inner > 1) options.inner = inner;
  if (takesLogits(op)) {
    addLimits(spec, rows, cols, options, tests, next);
    addMask(spec, rows, cols, options, tests, next, at);
  }
  const takesPart = (r: number, c: number) => tests.every((test) => test(r, c));
  const emptyIsZero = spec.emptyIsZero && op.options.includes('emptyRows');
  if (emptyIsZero) options.emptyRows = 'zero';
  const half = takesLogits(op) ? spec.half : null;
  if (half !== null) options.dtype = half;

  const isMatrix = (array: Operand) => array.length === rows * cols;
  const permuted = (to: Operand, from: (r: number, c: number) => number) => {
    for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) to[at(r, c)] = from(r, c);
    return to;
  };
  const written = call.arrays.map((array, i) => {
    const copy = array.slice() as Operand;
    if (!takesLogits(op) || !isMatrix(array) || op.inputs[i].holds === 'targets') return copy;
    const absent = i === 0 ? -Infinity : 0;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < cols; c++) {
        const k = r * cols + c;
        if (i === 0 && half !== null) copy[k] = toFloat(half, fromFloat(half, array[k]));
        if (!takesPart(r, c)) copy[k] = absent;
      }
    }
    return copy;
  });
  const arrays = call.arrays.map((array, i) => {
    if (!isMatrix(array) || (cols === 1 && op.inputs[i].holds === 'targets')) return array.slice() as Operand;
    if (i === 0 && half !== null) {
      const bits = new Uint16Array(array.length) as unknown as Operand;
      return permuted(bits, (r, c) => fromFloat(half, array[r * cols + c]));
    }
    return permuted(array.slice() as Operand, (r, c) => array[r * cols + c]);
  });
  const isEmpty = (r: number) =>
    emptyIsZero && written[0].subarray(r * cols, (r + 1) * cols).every((x) => x === -Infinity);
  return {
    call: { ...call, arrays, options: { ...call.options, ...options } },
    written: { ...call, arrays: written },
    ...{ rows, cols, at, takesPart, isEmpty },
  };
}

function addLimits(
  spec: Spec,
  rows: number,
  cols: number,
  options: Record<string, unknown>,
  tests: ((r: number, c: number) => boolean)[],
  next: () => number,
): void {
  const periodOf = (wanted: number) => (spec.inner === 1 ? divisor(rows, wanted) : rows);
  const most = Math.max(periodOf(spec.starts || 1), periodOf(spec.ends || 1));
  // One split for all rows of a period keeps starts below ends where their periods differ.
  const split = spec.starts > 0 && spec.ends > 0 && spec.starts !== spec.ends ? Math.floor(next() * (cols + 1)) : -1;
  const cuts = Array.from({ length: most }, () => {
    const [a, b] = [next(), next()].map((u) => Math.floor(u * (cols + 1)));
    return next() < 0.2 ? [0, cols] : [Math.min(a, b), Math.max(a, b)];
  });
  if (spec.starts > 0) {
    const n = periodOf(spec.starts);
    const starts = Int32Array.from({ length: n }, (_, r) => (split >= 0 ? Math.min(cuts[r][0], split) : cuts[r][0]));
    options.starts = starts;
    tests.push((r, c) => c >= starts[r % n]);
  }
  if (spec.ends > 0) {
    const n = periodOf(spec.ends);
    const ends = Int32Array.from({ length: n }, (_, r) => (split >= 0 ? Math.max(cuts[r][1], split) : cuts[r][1]));
    options.ends = ends;
    tests.push((r, c) => c < ends[r % n]);
  }
}

function addMask(
  { mask: kind, maskRows, inner, share }: Spec,
  rows: number,
  cols: number,
  options: Record<string, unknown>,
  tests: ((r: number, c: number) => boolean)[],
  next: () => number,
  at: (r: number, c: number) => number,
): void {
  const period = inner === 1 ? divisor(rows, maskRows) : rows;
  const byte = () => (next() < share ? 1 + Math.floor(next() * 255) : 0);
  if (kind === 'bytes') {
    const mask = Uint8Array.from({ length: period * cols }, byte);
    options.mask = mask;
    tests.push((r, c) => mask[inner === 1 ? (r % period) * cols + c : at(r, c)] > 0);
  }
  if (kind === 'one row of bytes') {
    const mask = Uint8Array.from({ length: cols }, byte);
    options.mask = mask;
    tests.push((_, c) => mask[c] > 0);
  }
  if (kind === 'bits' && inner === 1) {
    const words = Math.ceil(cols / 32);
    const mask = new Uint32Array(period * words);
    for (let k = 0; k < 32 * mask.length; k++) if (next() < share) mask[k >> 5] |= 1 << (k & 31);
    options.mask = next() < 0.5 ? mask : new Int32Array(mask.buffer);
    tests.push((r, c) => ((mask[(r % period) * words + (c >> 5)] >>> (c & 31)) & 1) === 1);
  }
}

/** The largest divisor of n that is at most `wanted`; n itself for 0. */
function divisor(n: number, wanted: number): number {
  let d = wanted === 0 ? n : Math.min(n, wanted);
  while (n % d !== 0) d--;
  return d;
}
