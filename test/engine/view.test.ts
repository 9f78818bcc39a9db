import { describe, expect, it } from 'vitest';
import { isSharedBuffer } from '../../src/view.js';

describe('isSharedBuffer', () => {
  it('knows ordinary and shared buffers', () => {
    expect(isSharedBuffer(new ArrayBuffer(8))).toBe(false);
    expect(isSharedBuffer(new WebAssembly.Memory({ initial: 1 }).buffer)).toBe(false);
    expect(isSharedBuffer(new SharedArrayBuffer(8))).toBe(true);
    expect(isSharedBuffer(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer)).toBe(true);
  });

  it('believes no name and no prototype', () => {
    const [ordinary, other] = [new ArrayBuffer(8), new SharedArrayBuffer(8)];
    const prototypes = [ordinary, other].map((buffer) => Object.getPrototypeOf(buffer) as object);
    Object.setPrototypeOf(ordinary, prototypes[1]!);
    Object.setPrototypeOf(other, prototypes[0]!);
    expect(isSharedBuffer(ordinary)).toBe(false);
    expect(isSharedBuffer(other)).toBe(true);
    const named = new ArrayBuffer(8);
    Object.defineProperty(named, Symbol.toStringTag, { value: 'SharedArrayBuffer' });
    expect(isSharedBuffer(named)).toBe(false);
  });
});
