import relaxed from './relaxed.wasm';
import simd from './simd.wasm';

/** modules.ts for runtimes that compile imported modules only. */
export function compile(tier: 'relaxed' | 'simd'): WebAssembly.Module {
  return tier === 'relaxed' ? relaxed : simd;
}

/** Only threads need the bytes, and these runtimes have none. */
export function bytesOf(): never {
  throw new Error('this runtime compiles imported modules only');
}
