// From logits to a token against what programs write by hand (a heap, sorts) and other packages. Answers are compared first,
// then all take turns in one run.
//
//   npm run build && node bench/decisions.mjs     also writes bench/results/decisions.json and the tables of docs/performance.md
//   node bench/decisions.mjs --short              out/bench/ alone
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createEngine } from '../dist/index.js';
import { createPool } from '../dist/pool/index.js';
import { install, versionIn } from '../scripts/install.mjs';
import { PACKAGES } from './engines/names.mjs';
import { normal } from './random.mjs';
import { rounded } from './record.mjs';
import { keep } from './render.mjs';
import { goalLine } from './report/decisions.mjs';
import { interleave } from './suite/measure.mjs';
import { CASES } from './ways/decisions.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const { values: flags } = parseArgs({ options: { short: { type: 'boolean', default: false } } });
const SETTINGS = { turns: flags.short ? 3 : 9, turnMs: flags.short ? 20 : 60, sampleMs: 0.1, warmMs: 60 };

install('bench/peers');
const { openPeers } = await import('./ways/decision-peers.mjs');
const peers = await openPeers();
const pool = await createPool({ threads: 2 });
// The same tier on both sides.
const engine = createEngine({ tier: pool.tier, arenaBytes: 1 << 24 });
console.log(`Node ${process.versions.node}, ${engine.tier}; ratios of minima (of medians)`);
const results = [];
for (const { name, goals, make } of CASES) {
  const subjects = make({ engine, pool, peers, normal });
  await compare(name, subjects);
  const timings = (await interleave(subjects, SETTINGS, () => {})).map(rounded);
  const result = { name, goals, ns: Object.fromEntries(subjects.map(({ id }, i) => [id, timings[i]])) };
  results.push(result);
  for (const goal of goals) console.log(`${name}: ${goalLine(result, goal).join(', ')}`);
}
const versions = Object.fromEntries(Object.keys(peers).map((id) => [id, versionIn('bench/peers', PACKAGES[id])]));
await keep('decisions', !flags.short, {
  command: `node bench/decisions.mjs ${process.argv.slice(2).join(' ')}`.trim(),
  tier: engine.tier,
  threads: pool.threads,
  versions,
  results,
});
await pool.close();

/** Throws where what is to be timed is not right. */
async function compare(name, subjects) {
  const first = await subjects[0].answer();
  for (const { id, answer, right } of subjects) {
    if (answer === undefined) continue;
    const [got, want] = [await answer(), right === undefined ? first : right()];
    if (got !== want)
      throw new Error(`${name}: ${id} has ${String(got).slice(0, 200)}, right is ${String(want).slice(0, 200)}`);
  }
}
