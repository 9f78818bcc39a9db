import type { OperandArray } from './operand.js';

/**
 * What a typed array is, by its internal slots: properties of its own, a subclass or a Proxy may say anything else, and may
 * run code of their own while a call is under way. Each costs as much as the property does.
 */

type Getter<T> = (this: unknown) => T;

function getter(name: string | symbol): Getter<unknown> {
  const prototype = Object.getPrototypeOf(Float32Array.prototype) as object;
  return Object.getOwnPropertyDescriptor(prototype, name)!.get as Getter<unknown>;
}

function method(name: 'set' | 'fill'): unknown {
  return (Object.getPrototypeOf(Float32Array.prototype) as Record<string, unknown>)[name];
}

/** Of the class that it is named after: it throws where it is called on the other one's buffers. */
function lengthGetter(Class: ArrayBufferConstructor | SharedArrayBufferConstructor): Getter<number> {
  return Object.getOwnPropertyDescriptor(Class.prototype, 'byteLength')!.get as Getter<number>;
}

const ORDINARY_LENGTH = /* @__PURE__ */ lengthGetter(ArrayBuffer);
/** Null on a page that is not cross-origin isolated, where memories may be shared all the same. */
const SHARED_LENGTH = typeof SharedArrayBuffer === 'undefined' ? null : /* @__PURE__ */ lengthGetter(SharedArrayBuffer);
const TAG = /* @__PURE__ */ getter(Symbol.toStringTag) as Getter<string | undefined>;
const LENGTH = /* @__PURE__ */ getter('length') as Getter<number>;
const BUFFER = /* @__PURE__ */ getter('buffer') as Getter<ArrayBufferLike>;
const BYTE_OFFSET = /* @__PURE__ */ getter('byteOffset') as Getter<number>;
const BYTE_LENGTH = /* @__PURE__ */ getter('byteLength') as Getter<number>;
const SET = /* @__PURE__ */ method('set') as (this: unknown, source: ArrayLike<unknown>, at: number) => void;
const FILL = /* @__PURE__ */ method('fill') as (this: unknown, value: number, from: number, to: number) => void;

/** The name of its class, of this realm or another; undefined for what is no typed array. */
export function viewClass(value: unknown): string | undefined {
  return TAG.call(value);
}

/** Elements; 0 where it is detached. */
export function lengthOf(array: OperandArray): number {
  return LENGTH.call(array);
}
export function bufferOf(array: OperandArray): ArrayBufferLike {
  return BUFFER.call(array);
}
/**
 * Whether a buffer is a SharedArrayBuffer, of whatever realm. What it says of its class is but where to look first: to be
 * refused by a getter takes 6 µs.
 */
export function isSharedBuffer(buffer: ArrayBufferLike): boolean {
  const isNamedShared = SHARED_LENGTH !== null && buffer instanceof SharedArrayBuffer;
  try {
    (isNamedShared ? SHARED_LENGTH : ORDINARY_LENGTH).call(buffer);
    return isNamedShared;
  } catch {
    return !isNamedShared;
  }
}
export function byteOffsetOf(array: OperandArray): number {
  return BYTE_OFFSET.call(array);
}
export function byteLengthOf(array: OperandArray): number {
  return BYTE_LENGTH.call(array);
}

/** Bytes of an element. */
export function elementBytes(array: OperandArray): number {
  const name = TAG.call(array)!;
  if (name === 'Float32Array' || name === 'Int32Array') return 4;
  if (name.endsWith('16Array')) return 2;
  if (name.startsWith('Big')) return 8;
  return name === 'Uint32Array' ? 4 : 1;
}

/**
 * Elements [from, to), which are there: no subclass is asked to make the array, as `subarray` asks. Of a Float16Array its
 * bits: nobody computes with it as numbers.
 */
export function partOfView(array: OperandArray, from: number, to: number): OperandArray {
  const name = TAG.call(array)!;
  const Class = name === 'Float32Array' ? Float32Array : otherClass(name);
  return new Class(BUFFER.call(array), BYTE_OFFSET.call(array) + Class.BYTES_PER_ELEMENT * from, to - from);
}

function otherClass(name: string): ViewClass {
  switch (name) {
    case 'Int32Array':
      return Int32Array;
    case 'Uint32Array':
      return Uint32Array;
    case 'Int16Array':
      return Int16Array;
    case 'Int8Array':
      return Int8Array;
    case 'Uint8Array':
      return Uint8Array;
    case 'Uint8ClampedArray':
      return Uint8ClampedArray;
    default:
      return Uint16Array;
  }
}

interface ViewClass {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): OperandArray;
}

/** What `target.set(source, at)` does, whoever has another `set`. */
export function setView(target: OperandArray, source: OperandArray | ArrayLike<never>, at = 0): void {
  SET.call(target, source, at);
}

/** What `fill` does. */
export function fillView(array: OperandArray, value: number, from = 0, to = lengthOf(array)): void {
  FILL.call(array, value, from, to);
}
