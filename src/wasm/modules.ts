import { reader, relaxedOwn, relaxedSteps, simd } from './bytes.js';
import { decoded } from './decoded.js';

/**
 * The one file that loads WebAssembly: compiles the inlined bytes, synchronously. Where that is forbidden (workerd),
 * an entry of its own, which scripts/build.mjs derives, has modules.workerd.ts in this one's place.
 *
 * @throws what the runtime throws: no WebAssembly, no SIMD, or a policy that forbids compiling
 */
export function compile(name: 'relaxed' | 'simd' | 'reader'): WebAssembly.Module {
  return new WebAssembly.Module(name === 'reader' ? decoded(reader) : bytesOf(name));
}

/** Those of simd, which relaxed is made of, too. */
let common: Uint8Array<ArrayBuffer> | null = null;

/** The inlined bytes themselves, to be read. relaxed is put together: it has most of its bytes in common with simd. */
export function bytesOf(tier: 'relaxed' | 'simd'): Uint8Array<ArrayBuffer> {
  common ??= decoded(simd);
  if (tier === 'simd') return common;
  const own = decoded(relaxedOwn);
  const length = relaxedSteps.reduce((sum, n, i) => (i % 3 === 2 ? sum + n : sum), own.length);
  const bytes = new Uint8Array(length);
  let at = 0;
  let taken = 0;
  for (let i = 0; i < relaxedSteps.length; i += 3) {
    const [count, from, copied] = relaxedSteps.slice(i, i + 3) as [number, number, number];
    bytes.set(own.subarray(taken, taken + count), at);
    bytes.set(common.subarray(from, from + copied), at + count);
    taken += count;
    at += count + copied;
  }
  return bytes;
}
