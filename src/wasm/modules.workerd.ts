import reader from './reader.wasm';
import relaxed from './relaxed.wasm';
import simd from './simd.wasm';

/** modules.ts for runtimes that compile imported modules only. */
export function compile(name: 'relaxed' | 'simd' | 'reader'): WebAssembly.Module {
  if (name === 'reader') return reader;
  return name === 'relaxed' ? relaxed : simd;
}

/** Only threads need the bytes, and these runtimes have none. */
export function bytesOf(): never {
  throw new Error('this runtime compiles imported modules only');
}
