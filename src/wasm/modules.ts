import { relaxed, simd } from './bytes.js';

/**
 * The one file that loads WebAssembly: compiles the inlined bytes, synchronously. Where that is forbidden (workerd),
 * an entry of its own, which scripts/build.mjs derives, has modules.workerd.ts in this one's place.
 *
 * @throws what the runtime throws: no WebAssembly, no SIMD, or a policy that forbids compiling
 */
export function compile(tier: 'relaxed' | 'simd'): WebAssembly.Module {
  return new WebAssembly.Module(bytesOf(tier));
}

interface Decoders {
  readonly Uint8Array: { fromBase64?(text: string): Uint8Array<ArrayBuffer> };
  readonly Buffer?: { from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer> };
}

/** The inlined bytes themselves. The loop runs before any compiler has seen it: half a millisecond of the first result. */
export function bytesOf(tier: 'relaxed' | 'simd'): Uint8Array<ArrayBuffer> {
  const base64 = tier === 'relaxed' ? relaxed : simd;
  const { Uint8Array, Buffer } = globalThis as unknown as Decoders & typeof globalThis;
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  if (Buffer) return Buffer.from(base64, 'base64');
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
