/// <reference types="vite/client" />
import { createEngine, type Engine, type EngineOptions, type Tier } from '../src/index.js';

/** () → v128 of one f32x4.relaxed_madd over three splats: valid exactly where the runtime has relaxed SIMD. */
const RELAXED_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65,
  0, 253, 15, 253, 133, 2, 11,
]);

const hasRelaxed = typeof WebAssembly !== 'undefined' && WebAssembly.validate(RELAXED_MODULE);

/** Lists with commas from whoever starts the suites; of vitest, where there is no process (browsers). */
const { SOFTMAX_TIERS, SOFTMAX_LACKS } = import.meta.env as Record<string, string | undefined>;

const names = (
  SOFTMAX_TIERS ? SOFTMAX_TIERS.split(',') : ['scalar', 'simd', ...(hasRelaxed ? ['relaxed'] : [])]
) as Tier[];

/**
 * The tiers that every suite runs on. SOFTMAX_TIERS says what is expected of a runtime: a tier that it turns out to lack
 * fails. Without it scalar and simd always, and relaxed where the runtime has it. A suite's first assertion is
 * `expect(engine.tier).toBe(name)`, and tiers.test.ts asserts that none is missing from the list.
 */
export const tiers = names.map((name) => ({
  name,
  engine: (options?: Omit<EngineOptions, 'tier'>): Engine => createEngine({ ...options, tier: name }),
}));

/** What this runtime is known not to have beside tiers: `SharedArrayBuffer`, `resizable ArrayBuffer`. */
export const lacks: readonly string[] = SOFTMAX_LACKS ? SOFTMAX_LACKS.split(',') : [];
