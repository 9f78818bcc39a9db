import relaxed from './relaxed.wasm';
import simd from './simd.wasm';

/** modules.ts for runtimes that compile imported modules only. */
export function compile(tier: 'relaxed' | 'simd'): WebAssembly.Module {
  return tier === 'relaxed' ? relaxed : simd;
}
