import decide from './decide.wasm';

/** decisions.ts for runtimes that compile imported modules only. */
export function decisionsModule(): WebAssembly.Module {
  return decide;
}

export function decisionsBytes(): never {
  throw new Error('this runtime compiles imported modules only');
}
