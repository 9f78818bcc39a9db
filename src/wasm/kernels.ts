/** What this source's modules are numbered; a module of another number is refused. */
export const ABI = 7;

/** The exports of assembly/index.ts. Each kernel takes the byte pointer of its call (docs/abi.md). */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly tier: WebAssembly.Global;
  readonly abi: WebAssembly.Global;

  /** Bytes of what the caller provides, and the byte offsets into a call. */
  readonly CALL_BYTES: WebAssembly.Global;
  readonly TABLE_BYTES: WebAssembly.Global;
  readonly STATE_BYTES: WebAssembly.Global;
  readonly CALL_ROWS: WebAssembly.Global;
  readonly CALL_COLS: WebAssembly.Global;
  readonly CALL_FIRST: WebAssembly.Global;
  readonly CALL_STEP: WebAssembly.Global;
  readonly CALL_TABLE: WebAssembly.Global;
  readonly CALL_STATE: WebAssembly.Global;
  readonly CALL_SPANS: WebAssembly.Global;
  readonly CALL_AHEAD: WebAssembly.Global;
  readonly CALL_TOTAL: WebAssembly.Global;
  readonly CALL_PARAMETERS: WebAssembly.Global;
  readonly CALL_OPERANDS: WebAssembly.Global;

  /** Of the module of decisions, where it is at hand. */
  readonly CALL_SCRATCH?: WebAssembly.Global;

  /** Fills a table of the exponential's constants for a temperature. */
  constants(table: number, temperature: number): void;
}

/** Computes the rows of a call. */
export type Kernel = (call: number) => void;

/** The kernel of a name, if there is one. */
export function kernelOf(kernels: Kernels, name: string | null): Kernel | undefined {
  return name === null ? undefined : (kernels as unknown as Record<string, Kernel | undefined>)[name];
}

/** The kernels with those of decisions, which work in the memory of the others. */
export function withDecisions(kernels: Kernels, module: WebAssembly.Module | null, memory = kernels.memory): Kernels {
  if (module === null) return kernels;
  return { ...kernels, ...new WebAssembly.Instance(module, { env: { memory } }).exports };
}

/** Instances of two modules that import their memory. */
export function kernelsOver(
  memory: WebAssembly.Memory,
  module: WebAssembly.Module,
  decisions: WebAssembly.Module | null,
): Kernels {
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
  return withDecisions(kernels, decisions, memory);
}
