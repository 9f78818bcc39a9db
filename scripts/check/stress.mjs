// The pool under faults, on real threads: test/pool/stress.mjs on Node 20 and 24, for a minute in all or as long as asked.
//
//   npm run check -- stress          half a minute each
//   npm run check -- stress 600 seed=7
import { RUNTIMES } from '../../test/runtimes/runtimes.mjs';
import { choose, conclude, missing, reportOf } from './places.mjs';

const SCRIPT = 'test/pool/stress.mjs';
const NODES = ['Node 20', 'Node 24'];
const SECONDS = 60;
/** What a pool may still take when the time is over. */
const MORE_SECONDS = 150;

/** @param {import('../check.mjs').Asked} asked */
export async function run(asked) {
  const { words } = asked;
  const seconds = Number(words.find((word) => /^\d+$/.test(word)) ?? SECONDS);
  const seed = Number(words.find((word) => /^seed=\d+$/.test(word))?.slice(5) ?? Date.now() % 2 ** 31);
  const others = words.filter((word) => !/^(seed=)?\d+$/.test(word));
  const places = choose(
    RUNTIMES.filter(({ name }) => NODES.includes(name)),
    others,
  );
  const rows = [];
  for (const place of places) {
    const { name } = place;
    if (missing(place)) {
      rows.push({ name, missing: missing(place) });
      continue;
    }
    const each = seconds / places.length;
    const report = await reportOf(place, [SCRIPT, String(each), String(seed)], each + MORE_SECONDS).catch((error) => ({
      failures: [error.message],
    }));
    console.log(`${name}, seed ${seed}: ${JSON.stringify({ ...report, failures: report.failures.length })}`);
    rows.push({ name, problems: report.failures });
  }
  conclude(rows, asked);
}
