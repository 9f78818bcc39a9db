import { describe, expect, it } from 'vitest';
import type { Engine } from '../src/index.js';
import { tiers } from './tiers.js';

/** Runs a suite once per tier that this runtime has, each on an engine of its own that is asserted to be of that tier. */
export function everyTier(name: string, suite: (engine: Engine) => void): void {
  describe.each(tiers)(`${name}, $name`, (tier) => {
    const engine = tier.engine({ arenaBytes: 8 << 20 });
    it('runs on the tier it names', () => expect(engine.tier).toBe(tier.name));
    suite(engine);
  });
}

/** Computes on the first call and remembers: every tier is measured against one run of the oracle. */
export function once<T>(compute: () => T): () => T {
  let known: { value: T } | undefined;
  return () => (known ??= { value: compute() }).value;
}

/** Titles for it.each, which cuts a `$name` short. */
export function named<C extends { name: string; cols: number }>(cases: C[]): [title: string, of: C][] {
  return cases.map((c) => [`${c.name}, ${c.cols} columns`, c]);
}
