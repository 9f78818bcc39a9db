import { endianness } from 'node:os';
import type { NpyHeader } from './npy-header.js';

export const HOST_IS_LITTLE = endianness() === 'LE';

export type Elements =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

const INTEGERS = {
  i: { 1: Int8Array, 2: Int16Array, 4: Int32Array, 8: BigInt64Array },
  u: { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array },
};

/** The types of f32 and int32 data as this machine holds them. */
export const HOST_F32 = HOST_IS_LITTLE ? '<f4' : '>f4';
export const HOST_I32 = HOST_IS_LITTLE ? '<i4' : '>i4';

/** Brings a file's bytes into this machine's order, in place. */
export function toHostOrder(bytes: Uint8Array, header: NpyHeader): void {
  if (header.itemBytes === 1 || header.littleEndian === HOST_IS_LITTLE) return;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (header.itemBytes === 2) buffer.swap16();
  else if (header.itemBytes === 4) buffer.swap32();
  else buffer.swap64();
}

/** Bytes in this machine's order as the elements they hold; `bytes` begins at a multiple of 8. */
export function elementsOf(bytes: Uint8Array<ArrayBuffer>, header: NpyHeader): Elements {
  const { buffer, byteOffset } = bytes;
  const length = bytes.length / header.itemBytes;
  if (header.kind === 'b') return new Uint8Array(buffer, byteOffset, length).map((byte) => Number(byte !== 0));
  if (header.kind === 'V') return new Uint16Array(buffer, byteOffset, length);
  if (header.kind !== 'f') return new INTEGERS[header.kind][header.itemBytes](buffer, byteOffset, length);
  if (header.itemBytes === 8) return new Float64Array(buffer, byteOffset, length);
  if (header.itemBytes === 4) return new Float32Array(buffer, byteOffset, length);
  halves ??= Float32Array.from({ length: 65536 }, (_, bits) => halfToFloat(bits));
  const bits = new Uint16Array(buffer, byteOffset, length);
  const floats = new Float32Array(length);
  for (let i = 0; i < length; i++) floats[i] = halves[bits[i]!]!;
  return floats;
}

/** Every half by its bits, made when the first is read. */
let halves: Float32Array | undefined;

/** The value of an IEEE 754 half-precision number given by its bits; exact, as f32 holds every half. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
