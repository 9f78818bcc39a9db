import { describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../src/index.js';
import { TIERS } from './tiers.js';

/** Runs a suite once per tier that this runtime has, each on an engine of its own that is asserted to be of that tier. */
export function everyTier(name: string, suite: (engine: Engine) => void): void {
  describe.each([...TIERS])(`${name}, %s`, (tier) => {
    const engine = createEngine({ tier, arenaBytes: 8 << 20 });
    it('runs on the tier it names', () => expect(engine.tier).toBe(tier));
    suite(engine);
  });
}

/** Computes on the first call and remembers: every tier is measured against one run of the oracle. */
export function once<T>(compute: () => T): () => T {
  let known: { value: T } | undefined;
  return () => (known ??= { value: compute() }).value;
}
