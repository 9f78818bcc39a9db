import { relaxed, simd } from './bytes.js';

/**
 * The one file that loads WebAssembly: compiles the inlined bytes, synchronously. Where that is forbidden (workerd),
 * the package's `#wasm-modules` names modules.workerd.ts instead.
 *
 * @throws what the runtime throws: no WebAssembly, no SIMD, or a policy that forbids compiling
 */
export function compile(tier: 'relaxed' | 'simd'): WebAssembly.Module {
  return new WebAssembly.Module(bytesOf(tier));
}

/** The inlined bytes themselves. */
export function bytesOf(tier: 'relaxed' | 'simd'): Uint8Array<ArrayBuffer> {
  const text = atob(tier === 'relaxed' ? relaxed : simd);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
