// Node, Bun, Deno: prints the batch's hashes as a line of JSON.
import { createEngine } from '../../dist/index.js';
import { hashOf } from './batch.mjs';

const { Bun, Deno } = globalThis;
const engine = createEngine({ tier: 'simd' });
const version = Bun?.version ?? Deno?.version.deno ?? process.versions.node;
console.log(JSON.stringify({ tier: engine.tier, version, ...(await hashOf(engine)) }));
