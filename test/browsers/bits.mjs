// The page of scripts/check/bits.mjs.
import { createEngine } from '../../dist/index.js';
import { hashOf } from '../bits/batch.mjs';

try {
  const engine = createEngine({ tier: 'simd' });
  globalThis.report = JSON.stringify({ tier: engine.tier, ...(await hashOf(engine)) });
} catch (error) {
  globalThis.report = JSON.stringify({ error: String(error) });
}
