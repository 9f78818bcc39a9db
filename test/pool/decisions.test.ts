import { describe, it } from 'vitest';
import type { Engine } from '../../src/index.js';
import { openPool } from '../../src/pool/pool.js';
import { allOf, calls, drawn, expectEqual } from '../decisions/places.js';
import { tiers } from '../tiers.js';

describe.each(tiers)('decisions, $name', ({ name, engine: open }) => {
  it('on two threads, copied and shared', async () => {
    const engine = open();
    const pool = await openPool({ threads: 2, tier: name, ordinary: 'workers' }, { shared: 0, copied: 0 });
    try {
      for (const { cols, logits } of drawn) {
        const wanted = allOf(engine, logits, cols);
        const shared = pool.alloc(logits.length);
        shared.set(logits);
        for (const place of [logits, shared]) {
          for (const [title, call] of Object.entries(calls(place, cols))) {
            expectEqual(await (call(pool as unknown as Engine) as Promise<unknown>), wanted[title]);
          }
        }
        pool.free(shared);
      }
    } finally {
      await pool.close();
    }
  });
});
