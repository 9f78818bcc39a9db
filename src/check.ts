import { hint } from './hints.js';
import type { ElementType, Operand, OperandArray } from './operand.js';
import type { HalfKind } from './rows.js';
import { isSharedTwice } from './shared-twice.js';
import type { ArgumentError } from './types.js';
import { bufferOf, byteLengthOf, byteOffsetOf, lengthOf, setView, viewClass } from './view.js';

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

/** The class of an object, of this realm or another; of what is no typed array it may be forged: for messages. */
export function className(value: object): string {
  try {
    return viewClass(value) ?? Object.prototype.toString.call(value).slice(8, -1);
  } catch {
    // A revoked Proxy, or a name that throws.
    return 'Object';
  }
}

/** By element type, the classes that an operand may be of. */
const CLASSES: Record<ElementType, readonly string[]> = {
  f32: ['Float32Array'],
  half: ['Float32Array'],
  i32: ['Int32Array'],
  label: [
    ...['Int32Array', 'Uint8Array', 'BigInt64Array', 'Uint32Array', 'Int16Array', 'Uint16Array', 'Int8Array'],
    ...['BigUint64Array', 'Uint8ClampedArray'],
  ],
  mask: ['Uint8Array', 'Uint32Array', 'Int32Array'],
};
const HALVES: Record<HalfKind, readonly string[]> = {
  float16: ['Uint16Array', 'Float16Array'],
  bfloat16: ['Uint16Array'],
};

/** Not by `instanceof`: an array of another realm is none, a Proxy of one is. */
function isArrayOf(value: unknown, type: ElementType, half: HalfKind | null): value is OperandArray {
  const name = viewClass(value);
  if (name === (type === 'f32' || type === 'half' ? 'Float32Array' : 'Int32Array')) return true;
  if (name === undefined) return false;
  return CLASSES[type].includes(name) || (type === 'half' && half !== null && HALVES[half].includes(name));
}

/** Of no elements: so are a detached array and one whose buffer has shrunk to before it, which take nothing, not even that. */
function checkAttached(op: string, argument: string, array: OperandArray): void {
  try {
    setView(array, NOTHING);
  } catch {
    failType(op, argument, 'an array with its buffer', 'a detached array, or one beyond the end of its buffer');
  }
}

/** For arrays of numbers and of BigInts alike. */
const NOTHING: ArrayLike<never> = [];

/** Whose memory an array may lie in: an engine or a pool. */
export interface Owner {
  /** A view on this memory beside the live arrays of its alloc: what lies there is not the caller's. */
  strays(array: OperandArray): boolean;
}

/**
 * An array for the operand at `first`, or for the next of the same name that its element type fits; returns that operand's
 * index.
 *
 * @param half what half floats the call is of, which operands of that type may then hold
 */
export function checkArray(
  op: string,
  operands: readonly Operand[],
  first: number,
  value: unknown,
  half: HalfKind | null,
): number {
  const { name } = operands[first];
  let index = first;
  while (!isArrayOf(value, operands[index].type, half)) {
    index++;
    if (index === operands.length || operands[index].name !== name) return failArray(op, operands, first, value);
  }
  return index;
}

/**
 * Neither detached nor astray; returns its length. Each time that V8 asks for it without knowing the array's class takes as long
 * as the other checks, so it is asked once an array.
 */
export function checkLive(owner: Owner | null, op: string, name: string, array: OperandArray): number {
  const length = lengthOf(array);
  if (length === 0) checkAttached(op, name, array);
  if (owner !== null && owner.strays(array)) failStray(op, name);
  return length;
}

function failStray(op: string, argument: string): never {
  const rule = "an ordinary array or a live one of this engine's alloc";
  failType(op, argument, rule, 'one that was freed, or another view on linear memory');
}

function failArray(op: string, operands: readonly Operand[], first: number, value: unknown): never {
  const { name } = operands[first];
  const types = operands.filter((operand) => operand.name === name).map(({ type }) => type);
  const rule = types.map((type) => RULES[type]).join(' or ');
  failType(op, name, rule, `${show(value)}${hint(value, types)}`);
}

const RULES: Record<ElementType, string> = {
  f32: 'a Float32Array',
  half: 'a Float32Array',
  i32: 'an Int32Array',
  label: 'an Int32Array',
  mask: 'a Uint8Array or packed bits in a Uint32Array',
};

/** A positive integer that divides the length of `argument`; returns the number of rows. */
export function checkCols(op: string, cols: unknown, argument: string, length: number): number {
  const wide = checkInteger(op, 'cols', cols, 1, Infinity, 'a positive integer');
  if (length % wide !== 0) failRange(op, `${argument}.length`, `a multiple of cols = ${wide}`, String(length));
  return length / wide;
}

/** An object; an array here is a caller who passed `out` itself. */
export function checkOptions(op: string, options: unknown): asserts options is object {
  if (!isOptions(options)) failType(op, 'options', 'an object', show(options));
}

export function isOptions(options: unknown): options is object {
  if (typeof options !== 'object' || options === null || ArrayBuffer.isView(options)) return false;
  try {
    return !Array.isArray(options);
  } catch {
    // A revoked Proxy.
    return false;
  }
}

/** Options that no operation declares, each read once: own properties, and only of these names. */
export function ownOptions<T extends object>(op: string, options: unknown, names: readonly (keyof T & string)[]): T {
  checkOptions(op, options);
  // No prototype: what somebody has put on Object.prototype is nobody's option.
  const own = Object.create(null) as T;
  for (const name in options) {
    if (!Object.prototype.hasOwnProperty.call(options, name)) continue;
    if (!names.includes(name as never)) failType(op, name, `one of ${names.join(', ')}`, 'an unknown option');
    own[name as keyof T] = (options as T)[name as keyof T];
  }
  return own;
}

/** What was thrown, in its own words. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A number in [min, max]. */
export function checkNumber(
  op: string,
  argument: string,
  value: unknown,
  min: number,
  max: number,
  rule: string,
): number {
  if (typeof value !== 'number') failType(op, argument, rule, show(value));
  if (!(value >= min && value <= max)) failRange(op, argument, rule, show(value));
  return value;
}

/** An integer in [min, max]. */
export function checkInteger(
  op: string,
  argument: string,
  value: unknown,
  min: number,
  max: number,
  rule: string,
): number {
  const number = checkNumber(op, argument, value, min, max, rule);
  if (!Number.isInteger(number)) failRange(op, argument, rule, show(value));
  return number;
}

/** One of some strings. */
export function checkName<T extends string>(op: string, argument: string, value: unknown, names: readonly T[]): T {
  if (names.includes(value as T)) return value as T;
  const last = names.length - 1;
  const rule = `'${names.slice(0, last).join("', '")}' or '${names[last]}'`;
  if (typeof value !== 'string') failType(op, argument, rule, show(value));
  return failRange(op, argument, rule, show(value));
}

/** `output` may be exactly `input` (any view of the same elements), but may share no other byte with it. */
export function checkSameOrApart(
  op: string,
  argument: string,
  output: OperandArray,
  inputName: string,
  input: OperandArray,
): void {
  if (output === input || !share(output, input)) return;
  if (!overlaps(output, input) || sameElements(output, input)) return;
  failRange(op, argument, `${inputName} itself or not to overlap it`, 'a partial overlap');
}

/** `output` shares no byte with `other`. */
export function checkApart(
  op: string,
  argument: string,
  output: OperandArray,
  otherName: string,
  other: OperandArray,
): void {
  if (!share(output, other) || !overlaps(output, other)) return;
  const got = sameElements(output, other) ? `${otherName} itself` : 'a partial overlap';
  throw about(argument, new RangeError(`${op}: expected ${argument} not to overlap ${otherName}, got ${got}`));
}

/**
 * Pairs of small arrays, output and other, last seen on different buffers: an array never changes its buffer, and to ask for
 * it takes longer than all other checks of a small call. Large ones are asked each time, so that none is kept alive.
 */
const apart: OperandArray[] = [];
let next = 0;
const SMALL = 64;
const MOST_REMEMBERED = 16;

/** Whether two arrays stand on one buffer, or on two objects of one shared memory. */
function share(output: OperandArray, other: OperandArray): boolean {
  for (let i = 0; i < apart.length; i += 2) if (apart[i] === output && apart[i + 1] === other) return false;
  if (isOneMemory(output, other)) return true;
  if (lengthOf(output) > SMALL || lengthOf(other) > SMALL) return false;
  apart[next] = output;
  apart[next + 1] = other;
  next = (next + 2) % MOST_REMEMBERED;
  return false;
}

function isOneMemory(output: OperandArray, other: OperandArray): boolean {
  const buffer = bufferOf(output);
  const otherBuffer = bufferOf(other);
  return buffer === otherBuffer || isSharedTwice(buffer, otherBuffer, output, other);
}

/** Whether two arrays of one memory have a byte in common. */
export function overlaps(a: OperandArray, b: OperandArray): boolean {
  const aStart = byteOffsetOf(a);
  const bStart = byteOffsetOf(b);
  const aEnd = aStart + byteLengthOf(a);
  return aStart < aEnd && bStart < aEnd && aStart < bStart + byteLengthOf(b) && byteLengthOf(b) > 0;
}

function sameElements(a: OperandArray, b: OperandArray): boolean {
  return byteOffsetOf(a) === byteOffsetOf(b) && lengthOf(a) === lengthOf(b) && byteLengthOf(a) === byteLengthOf(b);
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
