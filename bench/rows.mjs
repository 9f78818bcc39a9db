// Rows as they are against the same elements as plain rows, and against the loop that a user writes by hand: another axis,
// half floats, masks, intervals. Answers are compared first, then all take turns in one run.
//
//   npm run build && node bench/rows.mjs     also writes bench/results/rows.json and the table of docs/performance.md
//   node bench/rows.mjs --short              out/bench/ alone
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createEngine } from '../dist/index.js';
import { normal } from './random.mjs';
import { rounded } from './record.mjs';
import { keep } from './render.mjs';
import { CASES } from './ways/rows.mjs';
import { interleave } from './suite/measure.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const { values: flags } = parseArgs({ options: { short: { type: 'boolean', default: false } } });
const SETTINGS = { turns: flags.short ? 3 : 9, turnMs: flags.short ? 20 : 60, sampleMs: 0.1, warmMs: 60 };
/** Of a float32 softmax that sums otherwise. */
const CLOSE = 1e-5;

const engine = createEngine({ arenaBytes: 1 << 23 });
console.log(`Node ${process.versions.node}, ${engine.tier}; ratios of minima (of medians)`);
const results = [];
for (const { name, goal, make } of CASES) {
  const { base, ours, hand } = make(engine, normal);
  compare(name, ours.results(), hand.results());
  const [plain, own, loop] = (await interleave([base, ours, hand], SETTINGS, () => {})).map(rounded);
  results.push({ name, goal, ns: { base: plain, ours: own, hand: loop } });
  const ratio = (a, b) => `${(a.min / b.min).toFixed(2)} (${(a.p50 / b.p50).toFixed(2)})`;
  console.log(`${name}: ${ratio(own, plain)} of plain rows, goal ${goal}; ${ratio(own, loop)} of the loop`);
}
await keep('rows', !flags.short, {
  command: `node bench/rows.mjs ${process.argv.slice(2).join(' ')}`.trim(),
  tier: engine.tier,
  results,
});

/** Throws where what is to be timed is not right. */
function compare(name, got, want) {
  for (let i = 0; i < want.length; i++) {
    if (Object.is(got[i], want[i]) || Math.abs(got[i] - want[i]) <= CLOSE * Math.max(1, Math.abs(want[i]))) continue;
    throw new Error(`${name}: element ${i} is ${got[i]}, the loop says ${want[i]}`);
  }
}
