import { type Allocator, Arena } from './arena.js';
import {
  type Backend,
  type DefaultHost,
  NO_WASM,
  openFirst,
  type OpenWasm,
  type Room,
  type WasmTier,
} from './backend.js';
import { makeFunction } from './call.js';
import {
  about,
  checkInteger,
  checkName,
  failRange,
  failType,
  freshFloats,
  messageOf,
  ownOptions,
  show,
} from './check.js';
import { OPERATIONS, type Operations } from './ops/operations.js';
import { scalarRunner } from './scalar/runner.js';
import type { Tier, WasmModule } from './types.js';

/** What `createEngine` is asked for. */
export interface EngineOptions {
  /** Default 'auto': the first of 'relaxed', 'simd' and 'scalar' that the runtime compiles. */
  tier?: Tier | 'auto' | undefined;
  /** Bytes that `alloc` hands out, default 0. The engine's memory is sized once and never grows. */
  arenaBytes?: number | undefined;
  /**
   * A compiled softmax-simd/wasm/*.wasm, where the runtime forbids compiling bytes; 'auto' then is its tier. Or two: that
   * and softmax-simd/wasm/decide.wasm, without which argmax, topK, sample and filterLogits decide in TypeScript.
   */
  module?: WasmModule | readonly [WasmModule, WasmModule] | undefined;
}

/** What `init` is asked for. */
export type InitOptions = Pick<EngineOptions, 'module' | 'tier'>;

/** Which implementation computes, and why no faster one: null on 'relaxed' and on a tier that was asked for. */
export interface BackendInfo {
  /** The implementation that computes. */
  tier: Tier;
  /** `relaxed: <the runtime's message>`, on 'scalar' then `; simd: <message>`; or null. */
  reason: string | null;
}

/** All functions on one tier, and arrays in its memory. */
export interface Engine extends Operations {
  /** The implementation that computes. */
  readonly tier: Tier;
  /** Why it is no faster one: null on 'relaxed' and on a tier that was asked for. */
  readonly reason: string | null;
  /**
   * A zero-filled, 16-byte aligned array that operations of this engine use without copying. It is valid for the
   * engine's life, or until `free`. Needs an engine made with `arenaBytes`, 4 for each element: the default is 0.
   *
   * @param length elements
   * @returns f32[length]
   * @throws TypeError for a length that is no number
   * @throws RangeError for one that is no integer >= 0 or does not fit what is left of `arenaBytes`
   * @example
   * const engine = createEngine({ arenaBytes: 1 << 20 });
   * const logits = engine.alloc(4); // zeros
   * engine.softmax(logits, 4, { out: logits }); // [0.25, 0.25, 0.25, 0.25]
   */
  alloc(length: number): Float32Array<ArrayBuffer>;
  /**
   * `alloc` for class indices.
   *
   * @param length elements
   * @returns i32[length]
   * @throws TypeError for a length that is no number
   * @throws RangeError for one that is no integer >= 0 or does not fit what is left of `arenaBytes`
   * @example
   * const engine = createEngine({ arenaBytes: 1 << 20 });
   * engine.crossEntropy(engine.alloc(4), engine.allocInt32(2), 2); // 0.6931
   */
  allocInt32(length: number): Int32Array<ArrayBuffer>;
  /**
   * Gives the space of an array back, to be used again.
   *
   * @param array the very array that `alloc` or `allocInt32` of this engine returned, once
   * @throws TypeError for any other array
   * @example
   * const engine = createEngine({ arenaBytes: 4000 });
   * engine.free(engine.alloc(1000));
   * engine.alloc(1000).length; // 1000
   */
  free(array: Float32Array | Int32Array): void;
}

/**
 * How an entry reaches WebAssembly (src/wasm/load.ts), for engines that are asked for; null in the entry without it.
 *
 * @internal
 */
export interface Wasm {
  openWasm: OpenWasm;
  moduleTier(module: WasmModule): WasmTier;
  checkDecisions(module: WasmModule): void;
  /** The module of decisions, for the engines of createEngine. */
  decisions?(): WasmModule;
}

/** What `alloc` hands out of an engine's linear memory. */
class AllocRoom implements Room {
  arena: Arena | null = null;
  readonly bytes: number;

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  open(buffer: ArrayBuffer, base: number): Arena {
    const { bytes } = this;
    // Without an arena there is but the empty array, and its buffer must not hand out this memory.
    this.arena = new Arena(
      bytes,
      base,
      (offset, length) => (bytes > 0 ? new Float32Array(buffer, offset, length) : new Float32Array(0)),
      (offset, length) => (bytes > 0 ? new Int32Array(buffer, offset, length) : new Int32Array(0)),
    );
    return this.arena;
  }
}

/** The same in ordinary arrays. */
function ordinaryArena(bytes: number): Arena {
  return new Arena(
    bytes,
    0,
    (_, length) => freshFloats('alloc', length),
    (_, length) => new Int32Array(freshFloats('allocInt32', length).buffer),
  );
}

function openAuto(op: string, wasm: Wasm | null, room: Room): Backend {
  if (wasm === null) return { runner: scalarRunner, reason: NO_WASM };
  const opened = openFirst(wasm.openWasm, room);
  if (opened.runner === scalarRunner) checkRoom(op, room.bytes);
  return opened;
}

/** Whether ordinary arrays could have so many bytes: what is asked for here is not kept, and its pages are never touched. */
function checkRoom(op: string, arenaBytes: number): void {
  try {
    new ArrayBuffer(arenaBytes);
  } catch {
    failRange(op, 'arenaBytes', 'memory that can be had', String(arenaBytes));
  }
}

function tierOf(op: string, wasm: Wasm, module: WasmModule, decisions: WasmModule | undefined): WasmTier {
  try {
    if (decisions !== undefined) wasm.checkDecisions(decisions);
    return wasm.moduleTier(module);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    throw about('module', new Error(`${op}: ${messageOf(error)}`, { cause: error }));
  }
}

function openModule(
  op: string,
  wasm: Wasm | null,
  [module, decisions]: readonly WasmModule[],
  tier: Tier | 'auto',
  room: Room,
): Backend {
  if (wasm === null) failModule(`${op}: expected no module, got one (${NO_WASM})`);
  if (tier === 'scalar') failModule(`${op}: expected no module with tier 'scalar', got one`);
  const own = tierOf(op, wasm, module, decisions);
  if (tier !== 'auto' && tier !== own) {
    failModule(`${op}: expected module to be of tier '${tier}', got one of tier '${own}'`);
  }
  return { runner: wasm.openWasm(own, room, module, decisions), reason: null };
}

function failModule(text: string): never {
  throw about('module', new Error(text));
}

function openTier(op: string, wasm: Wasm | null, tier: WasmTier, room: Room): Backend {
  const expected = `${op}: expected tier to be`;
  if (wasm === null) throw about('tier', new Error(`${expected} 'auto' or 'scalar', got '${tier}' (${NO_WASM})`));
  try {
    return { runner: wasm.openWasm(tier, room), reason: null };
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const text = `${expected} one that this runtime compiles, got '${tier}' (${messageOf(error)})`;
    throw about('tier', new Error(text, { cause: error }));
  }
}

function checkTier(op: string, tier: Tier | 'auto' | undefined): Tier | 'auto' {
  if (tier === undefined) return 'auto';
  return checkName(op, 'tier', tier, ['auto', 'relaxed', 'simd', 'scalar']);
}

function checkArenaBytes(op: string, arenaBytes: number | undefined): number {
  return arenaBytes === undefined ? 0 : checkInteger(op, 'arenaBytes', arenaBytes, 0, Infinity, 'an integer >= 0');
}

/** One of another realm is no instance of this realm's class, and anything may carry its name: WebAssembly knows. */
function isModule(value: unknown): boolean {
  try {
    return Array.isArray(WebAssembly.Module.exports(value as WebAssembly.Module));
  } catch {
    return false;
  }
}

function checkModule(op: string, module: unknown): readonly WasmModule[] | undefined {
  if (module === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(module) ? module : [module];
  if (list.length === 0 || list.length > 2 || !list.every(isModule)) {
    failType(op, 'module', 'a WebAssembly.Module', show(module));
  }
  return list as readonly WasmModule[];
}

/** Checks the options of `op` and opens what they ask for, and the arena. @internal */
export function openEngine(op: string, wasm: Wasm | null, options: EngineOptions): Backend & { arena: Allocator } {
  const given = ownOptions<EngineOptions>(op, options, ['tier', 'arenaBytes', 'module']);
  const tier = checkTier(op, given.tier);
  const room = new AllocRoom(checkArenaBytes(op, given.arenaBytes));
  const modules = checkModule(op, given.module);
  let opened: Backend;
  if (modules !== undefined) opened = openModule(op, wasm, modules, tier, room);
  else if (tier === 'auto') opened = openAuto(op, wasm, room);
  else if (tier === 'scalar') opened = { runner: scalarRunner, reason: null };
  else opened = openTier(op, wasm, tier, room);
  const arena = opened.runner === scalarRunner ? ordinaryArena(room.bytes) : room.arena!;
  return { ...opened, arena };
}

/** `createEngine` of one entry. @internal */
export function makeCreateEngine(wasm: Wasm | null): (options?: EngineOptions) => Engine {
  return function createEngine(options = {}) {
    const { runner, arena, reason } = openEngine('createEngine', wasm, options);
    const host = { runner, open: () => runner };
    const functions = OPERATIONS.map((operation) => [
      operation.name,
      makeFunction(host, operation, operation.decision === null ? undefined : wasm?.decisions),
    ]);
    return {
      ...(Object.fromEntries(functions) as Operations),
      tier: runner.tier,
      reason,
      alloc: (length) => arena.alloc(length),
      allocInt32: (length) => arena.allocInt32(length),
      free: (array) => arena.free(array),
    };
  };
}

/** `init` of one entry. @internal */
export function makeInit(host: DefaultHost, wasm: Wasm | null): (options?: InitOptions) => void {
  return function init(options = {}) {
    const { module, tier } = ownOptions<InitOptions>('init', options, ['module', 'tier']);
    checkModule('init', module);
    host.use(openEngine('init', wasm, { module, tier }));
  };
}
