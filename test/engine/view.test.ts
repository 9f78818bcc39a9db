import { describe, expect, it } from 'vitest';
import { isSharedBuffer } from '../../src/view.js';
import { lacks } from '../tiers.js';

/** Where there is no such class: WebKitGTK. */
const canShare = !lacks.includes('SharedArrayBuffer');

describe('isSharedBuffer', () => {
  it('knows ordinary and shared buffers', () => {
    expect(isSharedBuffer(new ArrayBuffer(8))).toBe(false);
    expect(isSharedBuffer(new WebAssembly.Memory({ initial: 1 }).buffer)).toBe(false);
    if (!canShare) return;
    expect(isSharedBuffer(new SharedArrayBuffer(8))).toBe(true);
    expect(isSharedBuffer(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer)).toBe(true);
  });

  it('believes no name and no prototype', () => {
    const named = new ArrayBuffer(8);
    Object.defineProperty(named, Symbol.toStringTag, { value: 'SharedArrayBuffer' });
    expect(isSharedBuffer(named)).toBe(false);
    if (!canShare) return;
    const [ordinary, shared] = [new ArrayBuffer(8), new SharedArrayBuffer(8)];
    Object.setPrototypeOf(ordinary, SharedArrayBuffer.prototype);
    Object.setPrototypeOf(shared, ArrayBuffer.prototype);
    expect(isSharedBuffer(ordinary)).toBe(false);
    expect(isSharedBuffer(shared)).toBe(true);
  });
});
