import type { Host } from './call.js';
import { messageOf } from './check.js';
import type { BackendInfo } from './engine.js';
import type { Runner } from './operation.js';
import { scalarRunner } from './scalar/runner.js';
import type { WasmModule } from './types.js';

export type WasmTier = 'relaxed' | 'simd';

/** Who computes, and why nobody faster: null on 'relaxed' and on a tier that was asked for. */
export interface Backend {
  runner: Runner;
  reason: string | null;
}

/** Bytes of an engine's linear memory for arrays that live in it. */
export interface Room {
  readonly bytes: number;
  /** Called with the memory, in which the room begins at byte `base`; what it returns knows the arrays. */
  open(buffer: ArrayBuffer, base: number): { holds(byteOffset: number, byteLength: number): boolean };
}

/**
 * An engine's runner on a WebAssembly tier, from `module` where one is given, and `decisions` beside it.
 *
 * @throws Error, with the runtime's message, when it cannot compile the tier
 * @throws RangeError when the memory cannot be had
 */
export type OpenWasm = (tier: WasmTier, room?: Room, module?: WasmModule, decisions?: WasmModule) => Runner;

export const NO_WASM = 'this entry has no wasm';

/** The first tier that compiles and gets its memory. */
export function openFirst(openWasm: OpenWasm, room?: Room): Backend {
  let reason: string | null = null;
  for (const tier of ['relaxed', 'simd'] as const) {
    try {
      return { runner: openWasm(tier, room), reason };
    } catch (error) {
      reason = `${reason === null ? '' : `${reason}; `}${tier}: ${messageOf(error)}`;
    }
  }
  return { runner: scalarRunner, reason };
}

/**
 * The engine behind an entry's top-level functions: opened on first use, replaced by `init`. What engines that are asked for
 * need besides (options, an arena) is in engine.ts: a bundle of one function is without it.
 */
export class DefaultHost implements Host {
  runner: Runner | null = null;
  reason: string | null = null;
  readonly #first: () => Backend;

  constructor(first: () => Backend) {
    this.#first = first;
  }

  open(): Runner {
    return this.use(this.#first());
  }

  info(): BackendInfo {
    const { tier } = this.runner ?? this.open();
    return { tier, reason: this.reason };
  }

  use({ runner, reason }: Backend): Runner {
    this.runner = runner;
    this.reason = reason;
    return runner;
  }
}
