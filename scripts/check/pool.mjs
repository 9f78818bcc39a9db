// The pool on real threads of every runtime: test/pool/check.mjs on Node, Bun and Deno, and in the four browsers with
// and without cross-origin isolation, and under policies that forbid blob: URLs or compiling; then 10,000 calls that must
// leave nothing behind (test/pool/leaks.mjs).
import { BROWSERS } from '../../test/browsers/browsers.mjs';
import { PAGES, servePages, tierReasonOf, wantedOf } from '../../test/pool/browsers.mjs';
import { RUNTIMES } from '../../test/runtimes/runtimes.mjs';
import { choose, conclude, missing, pagesOf, reportOf } from './places.mjs';

const REPORT = 'test/pool/report.mjs';
const LEAKS = 'test/pool/leaks.mjs';
const SECONDS = 300;
/** Node 20 is the oldest, 24 the newest that is supported for long, 26 the newest. */
const NODES = ['Node 20', 'Node 24', 'Node 26'];
const LEAKING = ['Node 20', 'Node 24'];

/** @param {import('../check.mjs').Asked} asked */
export async function run(asked) {
  const runtimes = RUNTIMES.filter(({ name }) => !name.startsWith('Node') || NODES.includes(name));
  const places = choose([...runtimes, ...BROWSERS], asked.words);
  const pages = await servePages();
  const rows = [];
  for (const place of places) {
    for await (const row of rowsOf(place, pages.origin)) rows.push(judged(row));
  }
  pages.close();
  conclude(rows, asked);
}

/** Runs everything that is to be run in one place. */
async function* rowsOf(place, origin) {
  const { name, start, tiers } = place;
  if (missing(place)) {
    yield { name, missing: missing(place) };
  } else if ('program' in place) {
    const urls = PAGES.map(({ path }) => `${origin}${path}`);
    const { version, reports } = await pagesOf(place, urls).catch((error) => ({
      version: '',
      reports: PAGES.map(() => ({ error: error.message })),
    }));
    for (const [i, { path, wanted }] of PAGES.entries()) {
      yield { name: `${name} ${version} ${path}`, wanted: wantedOf(wanted, place), report: reports[i] };
    }
  } else {
    yield await ran(name, place, REPORT, wantedOf({ threads: 2, tier: tiers[0], reason: null }, place));
    if (name === 'Node 20') {
      const wanted = { threads: 2, tier: 'scalar', tierReason: tierReasonOf('scalar'), reason: /by message/ };
      yield await ran(`${name} without WebAssembly`, { ...place, start: [...start, '--jitless'] }, REPORT, wanted);
    }
    if (LEAKING.includes(name)) {
      yield await ran(`${name}, leaks`, { ...place, start: [...start, '--expose-gc'] }, LEAKS, {});
    }
  }
}

async function ran(name, runtime, script, wanted) {
  const report = await reportOf(runtime, script, SECONDS).catch((error) => ({ error: error.message }));
  return { name, wanted, report };
}

/** Prints a row as soon as it is known. */
function judged({ name, report, wanted, missing: why }) {
  const problems = why === undefined ? problemsOf(report, wanted) : [];
  const word = why !== undefined ? 'MISSING' : problems.length > 0 ? 'FAILED' : 'passed';
  console.log(`${word}  ${name}  ${JSON.stringify({ ...report, failures: undefined })}`);
  return { name, missing: why, problems };
}

/** What is not as wanted, and what check.mjs found. */
function problemsOf(report, wanted) {
  if (report.error !== undefined) return [report.error];
  const unlike = Object.entries(wanted).filter(([field, value]) => {
    return value instanceof RegExp ? !value.test(String(report[field])) : report[field] !== value;
  });
  return [...report.failures, ...unlike.map(([field, value]) => `${field}: expected ${value}, got ${report[field]}`)];
}
