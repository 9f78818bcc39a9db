// The pool under faults, on real threads: test/pool/stress.mjs on Node 20 and 24 and in the browsers, two minutes in all or as
// long as asked.
//
//   npm run check -- stress
//   npm run check -- stress 600 seed=7 node24 chromium
import { BROWSERS } from '../../test/browsers/browsers.mjs';
import { servePages, stressPath } from '../../test/pool/browsers.mjs';
import { RUNTIMES } from '../../test/runtimes/runtimes.mjs';
import { choose, conclude, missing, pagesOf, reportOf } from './places.mjs';

const SCRIPT = 'test/pool/stress-node.mjs';
const NODES = ['Node 20', 'Node 24'];
const SECONDS = 120;
/** What a pool may still take when the time is over. */
const MORE_SECONDS = 150;
/** A page is waited for two minutes. */
const PAGE_SECONDS = 30;

/** @param {import('../check.mjs').Asked} asked */
export async function run(asked) {
  const { words } = asked;
  const seconds = Number(words.find((word) => /^\d+$/.test(word)) ?? SECONDS);
  const seed = Number(words.find((word) => /^seed=\d+$/.test(word))?.slice(5) ?? Date.now() % 2 ** 31);
  const others = words.filter((word) => !/^(seed=)?\d+$/.test(word));
  const nodes = RUNTIMES.filter(({ name }) => NODES.includes(name));
  const places = choose([...nodes, ...BROWSERS], others);
  const pages = await servePages();
  const rows = [];
  for (const place of places) {
    const { name } = place;
    if (missing(place)) {
      rows.push({ name, missing: missing(place) });
      continue;
    }
    const reports = await reportsOf(place, pages.origin, seconds / places.length, seed);
    for (const report of reports) {
      const problems = report.failures ?? [report.error];
      console.log(`${name}, seed ${seed}: ${JSON.stringify({ ...report, failures: problems.length })}`);
      rows.push({ name, problems });
    }
  }
  pages.close();
  conclude(rows, asked);
}

async function reportsOf(place, origin, seconds, seed) {
  try {
    if (!('program' in place)) {
      return [await reportOf(place, [SCRIPT, String(seconds), String(seed)], seconds + MORE_SECONDS)];
    }
    const count = Math.ceil(seconds / PAGE_SECONDS);
    const urls = Array.from(
      { length: count },
      (_, i) => `${origin}${stressPath({ seconds: seconds / count, seed: seed + i })}`,
    );
    return (await pagesOf(place, urls)).reports;
  } catch (error) {
    return [{ failures: [error.message] }];
  }
}
