import { decide } from './decide-bytes.js';
import { decoded } from './decoded.js';

/** The module of decisions: loaded by those functions alone, so that a bundler drops it from programs that use none. */

let module: WebAssembly.Module | null = null;

/** Compiled once; engines share it. @throws what the runtime throws */
export function decisionsModule(): WebAssembly.Module {
  return (module ??= new WebAssembly.Module(decisionsBytes()));
}

export function decisionsBytes(): Uint8Array<ArrayBuffer> {
  return decoded(decide);
}
