import type { Host } from './host.js';
import type { ArgumentError } from './types.js';

/**
 * The argument checks that all operations share. Each runs before anything is written and throws
 * `op: expected <argument> to be <rule>, got <value>`: TypeError for a wrong type or a detached array, RangeError for a
 * wrong value. On the good path they allocate nothing: a small call is about 100 ns and must stay so.
 */

export function failType(op: string, argument: string, rule: string, got: string): never {
  throw about(argument, new TypeError(`${op}: expected ${argument} to be ${rule}, got ${got}`));
}

export function failRange(op: string, argument: string, rule: string, got: string): never {
  throw about(argument, new RangeError(`${op}: expected ${argument} to be ${rule}, got ${got}`));
}

/** The error with the argument's name beside its message: `targets` also for `targets[7]` and `targets.length`. */
export function about<E extends Error>(argument: string, error: E): E & ArgumentError {
  // Not enumerable, as `message` is not: an error that nobody catches is printed as before.
  return Object.defineProperty(error as E & ArgumentError, 'argument', { value: argument.split(/[.[]/, 1)[0]! });
}

/** The value as an error message shows it: numbers and strings themselves, objects by their class. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  return className(value);
}

function className(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** An array of another realm is no `instanceof` this realm's class, but carries the same class name. */
function isArrayOf(value: unknown, name: string): boolean {
  return ArrayBuffer.isView(value) && className(value) === name;
}

function isFloat32Array(value: unknown): value is Float32Array {
  return value instanceof Float32Array || isArrayOf(value, 'Float32Array');
}

function isInt32Array(value: unknown): value is Int32Array {
  return value instanceof Int32Array || isArrayOf(value, 'Int32Array');
}

/** `Float64Array (convert with Float32Array.from)` where that works, else as `show`. */
function showArray(value: unknown, wanted: string): string {
  const shown = show(value);
  if (/^Big(Int|Uint)64Array$/.test(shown)) return `${shown} (convert with ${wanted}.from(array, Number))`;
  if (Array.isArray(value) && Array.isArray(value[0]))
    return `${shown} of arrays (convert with ${wanted}.from(array.flat()))`;
  return /Array$/.test(shown) ? `${shown} (convert with ${wanted}.from)` : shown;
}

/** Node 20 has no ArrayBuffer.prototype.detached; a detached array has length 0 and refuses a new view of its buffer. */
function checkAttached(op: string, argument: string, array: Float32Array | Int32Array): void {
  try {
    new Uint8Array(array.buffer);
  } catch {
    failType(op, argument, 'an array with its buffer', 'a detached array');
  }
}

/** No view on the engine's own memory beside the live arrays of its alloc: what lies there is not the caller's. */
function checkOwner(host: Host, op: string, argument: string, array: Float32Array | Int32Array): void {
  if (host.backend !== null && host.backend.strays(array)) {
    failType(
      op,
      argument,
      "an ordinary array or a live one of this engine's alloc",
      'one that was freed, or another view on linear memory',
    );
  }
}

/** A Float32Array that is not detached. */
export function checkFloats(host: Host, op: string, argument: string, value: unknown): asserts value is Float32Array {
  if (!isFloat32Array(value)) failType(op, argument, 'a Float32Array', showArray(value, 'Float32Array'));
  if (value.length === 0) checkAttached(op, argument, value);
  checkOwner(host, op, argument, value);
}

/** An Int32Array or a Float32Array that is not detached; true for the Int32Array. */
export function checkTargets(host: Host, op: string, targets: unknown): boolean {
  const indices = isInt32Array(targets);
  if (!indices && !isFloat32Array(targets)) {
    const wanted = /Float/.test(show(targets)) ? 'Float32Array' : 'Int32Array';
    failType(op, 'targets', 'an Int32Array or a Float32Array', showArray(targets, wanted));
  }
  if (targets.length === 0) checkAttached(op, 'targets', targets);
  checkOwner(host, op, 'targets', targets);
  return indices;
}

/** A positive integer that divides the length of `argument`; returns the number of rows. */
export function checkCols(op: string, cols: number, argument: string, length: number): number {
  if (typeof cols !== 'number') failType(op, 'cols', 'a positive integer', show(cols));
  if (!(cols > 0 && Number.isInteger(cols))) failRange(op, 'cols', 'a positive integer', show(cols));
  const rows = length / cols;
  if (length % cols !== 0) failRange(op, `${argument}.length`, `a multiple of cols = ${cols}`, String(length));
  return rows;
}

export function checkLength(op: string, argument: string, length: number, rule: string, wanted: number): void {
  if (length !== wanted) failRange(op, `${argument}.length`, `${rule} = ${wanted}`, String(length));
}

/** An object; an array here is a caller who passed `out` itself. */
export function checkOptions(op: string, options: unknown): void {
  if (typeof options !== 'object' || options === null || ArrayBuffer.isView(options) || Array.isArray(options)) {
    failType(op, 'options', 'an object', show(options));
  }
}

/** A number in [2^-16, 2^16]; 1 when not given. */
export function checkTemperature(op: string, temperature: number | undefined): number {
  if (temperature === undefined) return 1;
  const rule = 'a number in [2^-16, 2^16]';
  if (typeof temperature !== 'number') failType(op, 'temperature', rule, show(temperature));
  if (!(temperature >= 2 ** -16 && temperature <= 2 ** 16)) failRange(op, 'temperature', rule, show(temperature));
  return temperature;
}

/** A number in [min, max]; `fallback` when not given. */
export function checkNumber(
  op: string,
  argument: string,
  value: number | undefined,
  fallback: number,
  min: number,
  max: number,
  rule: string,
): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number') failType(op, argument, rule, show(value));
  if (!(value >= min && value <= max)) failRange(op, argument, rule, show(value));
  return value;
}

/** `output` may be exactly `input` (any view of the same elements), but may share no other byte with it. */
export function checkSameOrApart(
  op: string,
  argument: string,
  output: Float32Array,
  inputName: string,
  input: Float32Array,
): void {
  if (output === input || output.buffer !== input.buffer) return;
  if (!overlaps(output, input) || sameElements(output, input)) return;
  failRange(op, argument, `${inputName} itself or not to overlap it`, 'a partial overlap');
}

/** `output` shares no byte with `other`. */
export function checkApart(
  op: string,
  argument: string,
  output: Float32Array,
  otherName: string,
  other: Float32Array | Int32Array,
): void {
  if (output.buffer !== other.buffer || !overlaps(output, other)) return;
  const got = sameElements(output, other) ? `${otherName} itself` : 'a partial overlap';
  throw about(argument, new RangeError(`${op}: expected ${argument} not to overlap ${otherName}, got ${got}`));
}

/** Both have 4 bytes an element; `length` is several times cheaper to read than `byteLength` on V8 11.3. */
function overlaps(a: Float32Array | Int32Array, b: Float32Array | Int32Array): boolean {
  const aStart = a.byteOffset;
  const bStart = b.byteOffset;
  return a.length > 0 && b.length > 0 && aStart < bStart + 4 * b.length && bStart < aStart + 4 * a.length;
}

function sameElements(a: Float32Array | Int32Array, b: Float32Array | Int32Array): boolean {
  return a.byteOffset === b.byteOffset && a.length === b.length;
}

/** A fresh zeroed array; a RangeError that says how much was asked where memory cannot be had. */
export function freshFloats(op: string, length: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(length);
  } catch {
    return failMemory(op, length);
  }
}

export function failMemory(op: string, length: number): never {
  throw new RangeError(`${op}: expected memory for a result of ${length} elements (${4 * length} bytes), got none`);
}
