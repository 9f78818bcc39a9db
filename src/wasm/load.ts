import type { Room, WasmTier } from '../backend.js';
import { messageOf } from '../check.js';
import type { Runner } from '../operation.js';
import { ABI, type Kernels } from './kernels.js';
import type { Reader } from './reader-module.js';
import { WasmRunner } from './runner.js';
// Last, so that in a bundle the modules' texts come after the code: gzip looks back no further than 32 KB.
import { bytesOf, compile } from './modules.js';

/** For the pool, whose threads import a shared memory, which the main entry knows nothing of. */
export { bytesOf };

/** One compilation per tier: engines share the module, each has an instance and a memory of its own. */
const modules: Partial<Record<WasmTier, WebAssembly.Module>> = {};

/** `OpenWasm`: from `module` where one is given (of that tier: `moduleTier`), and `decisions` beside it (`checkDecisions`). */
export function openWasm(
  tier: WasmTier,
  room?: Room,
  module?: WebAssembly.Module,
  decisions?: WebAssembly.Module,
): Runner {
  const compiled = module ?? moduleOf(tier);
  // Beside a module that was given no decisions are compiled.
  const others = module === undefined ? undefined : (decisions ?? null);
  const again = () => instantiate(compiled);
  return new WasmRunner(again(), tier, room, again, openReader, others);
}

let readerModule: WebAssembly.Module | null | undefined;

/** The readers of rows as they are; null where no more bytes can be compiled, which costs but speed. */
export function readerModuleOrNull(): WebAssembly.Module | null {
  if (readerModule === undefined) {
    try {
      readerModule = compile('reader');
    } catch {
      readerModule = null;
    }
  }
  return readerModule;
}

/** Them over a memory of the kernels. */
function openReader(memory: WebAssembly.Memory): Reader | null {
  const module = readerModuleOrNull();
  return module && (new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Reader);
}

/** The module of a tier, whose memory is its instance's own. */
export function moduleOf(tier: WasmTier): WebAssembly.Module {
  try {
    return (modules[tier] ??= compile(tier));
  } catch (error) {
    // Chrome's limit on synchronous compilation is a RangeError: here that class means a lack of memory.
    throw new Error(messageOf(error), { cause: error });
  }
}

/**
 * The tier of a module of this package.
 *
 * @throws Error when it is another module, or one of another version
 */
export function moduleTier(module: WebAssembly.Module): WasmTier {
  const names = new Set(WebAssembly.Module.exports(module).map((entry) => entry.name));
  if (WebAssembly.Module.imports(module).length > 0 || !names.has('tier') || !names.has('abi')) {
    throw new Error("expected module to be one of this package's, got another");
  }
  const { abi, tier } = instantiate(module);
  if (abi.value !== ABI) throw new Error(`expected module to be of abi ${ABI}, got ${String(abi.value)}`);
  return tier.value === 2 ? 'relaxed' : 'simd';
}

/** @throws Error when it is not this version's module of decisions */
export function checkDecisions(module: WebAssembly.Module): void {
  const names = WebAssembly.Module.exports(module).map((entry) => entry.name);
  const imports = WebAssembly.Module.imports(module);
  if (imports.length !== 1 || imports[0]!.kind !== 'memory' || !names.includes('SCRATCH_BYTES')) {
    throw new Error("expected module[1] to be this package's decide.wasm, got another");
  }
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { abi } = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
  if (abi.value !== ABI) throw new Error(`expected module[1] to be of abi ${ABI}, got ${String(abi.value)}`);
}

function instantiate(module: WebAssembly.Module): Kernels {
  return new WebAssembly.Instance(module).exports as unknown as Kernels;
}
