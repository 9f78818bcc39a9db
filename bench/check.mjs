// Measures a part of the benchmark again and fails where a ratio to a peer is worse than the committed one by more than
// 15 %. Each round is a process of its own; what looks worse is measured again, up to five times, and the best of each side counts.
//
//   npm run bench -- --check
import { MAIN, planFor } from './plan.mjs';
import { progressBar } from './progress.mjs';
import { readRecord, rounded, surroundings } from './record.mjs';
import { times } from './report/figures.mjs';
import { difference, LIMIT, LIMIT_ELSEWHERE, regressions } from './report/regressions.mjs';
import { aligned } from './report/table.mjs';
import { install } from '../scripts/install.mjs';
import { findNode, runInNode } from './runtimes/node.mjs';

const ROUNDS = { least: 2, most: 5 };
const TURN_MS = 12;
const OPS = ['softmax', 'logSoftmax', 'logSumExp', 'softmaxVjp', 'crossEntropyWithGrad'];
const SHAPES = ['1x1000', '256x1000', '4096x64', '65536x10'];
const SUBJECTS = { 'relaxed alloc': 'tfjs-wasm resident', 'simd alloc': 'tfjs-wasm resident', 'scalar out': 'loop' };
const PAIRS = OPS.flatMap((op) =>
  SHAPES.flatMap((shape) => Object.entries(SUBJECTS).map(([subject, peer]) => ({ op, shape, subject, peer }))),
);

const committed = readRecord(MAIN);
if (committed === null) throw new Error(`no committed results of ${MAIN}: npm run bench -- --runtime ${MAIN}`);
await import('../scripts/build.mjs');
install('bench/peers');
const node = nodeOrThis();
const here = { ...surroundings(), runtime: { name: `Node ${node.version}`, version: node.version } };
const other = difference(committed, here);
const limit = other === null ? LIMIT : LIMIT_ELSEWHERE;
if (other !== null) {
  console.log(`Ratios may differ: ${other}. A ratio fails only when it is ${LIMIT_ELSEWHERE} times the committed one.`);
}

const rounds = [];
let outcome = regressions(committed, rounds, PAIRS, limit);
for (let k = 0; k < ROUNDS.most; k++) {
  const worse = outcome.verdicts.filter((verdict) => verdict.worse);
  if (k >= ROUNDS.least && worse.length === 0) break;
  rounds.push(await measure(k, k < ROUNDS.least ? PAIRS : worse));
  outcome = regressions(committed, rounds, PAIRS, limit);
}

const { verdicts, missing } = outcome;
const rows = verdicts.map(({ op, shape, subject, peer, was, best, spread, worse }) => [
  `${op} ${shape}, ${subject} of ${peer}`,
  times(was),
  times(best),
  `${Math.round(100 * (best / was - 1))} %`,
  `${Math.round(100 * spread)} %`,
  worse ? 'WORSE' : '',
]);
console.log(aligned([['', 'committed', 'best now', 'change', 'spread of rounds', ''], ...rows]).join('\n'));
if (missing.length > 0) {
  const names = missing.map(({ op, shape, subject, peer }) => `${op} ${shape} ${subject} of ${peer}`);
  console.log(`Not compared, as one side was not measured: ${names.join(', ')}`);
}
const worse = verdicts.filter((verdict) => verdict.worse).length;
const spread = verdicts.map((verdict) => verdict.spread).sort((a, b) => a - b)[verdicts.length >> 1];
console.log(
  `${verdicts.length} ratios in ${rounds.length} rounds, median spread ${Math.round(100 * spread)} %: ` +
    (worse === 0 ? 'none is worse' : `${worse} worse than ${limit} times the committed one`),
);
process.exitCode = worse > 0 || verdicts.length === 0 ? 1 : 0;

/** The Node of the committed results, or this one where that cannot be had. */
function nodeOrThis() {
  try {
    return findNode(MAIN);
  } catch {
    return findNode(`node${process.versions.node.split('.')[0]}`);
  }
}

/** @param {number} k @param {import('./report/regressions.mjs').Pair[]} pairs */
async function measure(k, pairs) {
  const has = (op, shape) => pairs.some((pair) => pair.op === op && pair.shape === shape);
  const plan = planFor(MAIN, { ops: OPS, shapes: SHAPES, peers: ['loop', 'tfjs-wasm'] });
  const cases = plan.cases.filter(({ op, shape }) => has(op, shape));
  const bar = progressBar(`round ${k + 1}`);
  const results = [];
  try {
    await runInNode(
      node.file,
      { ...plan, cases, modes: ['alloc', 'out'], settings: { ...plan.settings, turnMs: TURN_MS } },
      (message) => {
        if (message.type === 'progress') bar.update(message.done, message.label);
        if (message.type === 'result') results.push(rounded(message.result));
      },
    );
  } finally {
    bar.stop();
  }
  return { ...here, results };
}
