import type { Backend } from '../backend.js';
import type { Arena } from '../arena.js';

export function openWasm(
  _tier: 'relaxed' | 'simd',
  _arenaBytes: number,
  _module?: WebAssembly.Module,
): { backend: Backend; arena: Arena } {
  throw new Error('not built yet');
}

export function moduleTier(_module: WebAssembly.Module): 'relaxed' | 'simd' {
  throw new Error('not built yet');
}
