import { createEngine } from 'softmax-simd';

// With the libraries of a browser, `module` is their WebAssembly.Module.
export const engineOf = (module: WebAssembly.Module) => createEngine({ module, tier: 'simd' });
