import { createEngine, type Engine, type EngineOptions, type Tier } from '../src/index.js';

/** () → v128 of one f32x4.relaxed_madd over three splats: valid exactly where the runtime has relaxed SIMD. */
const RELAXED_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65,
  0, 253, 15, 253, 133, 2, 11,
]);

const hasRelaxed = typeof WebAssembly !== 'undefined' && WebAssembly.validate(RELAXED_MODULE);

/** SOFTMAX_TIERS=scalar or a list with commas names the tiers instead; absent where there is no process (browsers). */
const asked = typeof process === 'undefined' ? undefined : process.env.SOFTMAX_TIERS;

const names = asked ? (asked.split(',') as Tier[]) : (['scalar', 'simd', ...(hasRelaxed ? ['relaxed'] : [])] as Tier[]);

/**
 * The tiers that every suite runs on: scalar and simd always, so that a runtime without SIMD fails instead of testing
 * less, and relaxed where the runtime has it. A suite's first assertion is `expect(engine.tier).toBe(name)`.
 */
export const tiers = names.map((name) => ({
  name,
  engine: (options?: Omit<EngineOptions, 'tier'>): Engine => createEngine({ ...options, tier: name }),
}));
