// Builds, then runs the test suites on every tier: on the Node that runs this, and where that one has no relaxed SIMD
// also on Node 24 (test/node24/), installed on demand. There only what differs is run again.
//
//   npm test
//   npm test -- test/ops      any arguments of vitest
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { relaxedNode } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const VITEST = 'node_modules/vitest/vitest.mjs';
/** These start engines of every tier, flags and entries by themselves, whatever SOFTMAX_TIERS says. */
const WHOLE = ['engine/engine', 'ops/errors', 'engine/runtimes', 'engine/wasm'];
/**
 * A second runtime changes nothing of these: other tiers, files and their formats, the package's files and documents, the
 * oracles. (npm run check -- runtimes has the command line on every Node.)
 */
const ONCE = [
  'bits/bits',
  'cli/arrays',
  'cli/classes',
  'cli/formats',
  'cli/hostile',
  'cli/join',
  'cli/npy',
  'cli/npz',
  'cli/once',
  'cli/output-files',
  'cli/taking-part',
  'clickhouse/*',
  'docs/*',
  'examples/demo-model',
  'numerics/reference',
  'numerics/scalar-exp',
  'package/*',
];

const args = process.argv.slice(2);
const results = [];
let ok = true;

await import('./build.mjs');
mkdirSync('build', { recursive: true });
if (WebAssembly.validate(readFileSync('dist/wasm/relaxed.wasm'))) {
  runVitest(process.execPath, 'scalar, simd, relaxed', {}, []);
} else {
  runVitest(process.execPath, 'scalar, simd', {}, []);
  const node24 = relaxedNode();
  if (node24 === null) {
    const says = 'relaxed: NOT TESTED, as this Node has no relaxed SIMD and Node 24 cannot be had here';
    results.push(says);
    console.error(`\n${says}\n`);
    if (process.env.CI) ok = false;
  } else {
    const elsewhere = [...WHOLE, ...ONCE].flatMap((name) => ['--exclude', `test/${name}.test.ts`]);
    runVitest(node24, 'relaxed', { SOFTMAX_TIERS: 'relaxed' }, elsewhere);
    if (args.length === 0) {
      const files = WHOLE.map((name) => `test/${name}.test.ts`);
      runVitest(node24, `scalar, simd, relaxed (${WHOLE.join(', ')})`, {}, files);
    }
  }
}
console.log(`\n${results.join('\n')}`);
process.exitCode = ok ? 0 : 1;

/** Runs the suites once and notes what ran; a test that is skipped is named. */
function runVitest(node, tiers, env, more) {
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1);
  console.log(`\nNode ${version}: ${tiers}`);
  const report = `build/tests-${results.length}.json`;
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const begin = performance.now();
  // vitest by itself leaves a core to its own process, which does little.
  const workers = `--maxWorkers=${availableParallelism()}`;
  const { status } = spawnSync(node, [VITEST, 'run', workers, ...reporters, ...more, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  const seconds = Math.round((performance.now() - begin) / 1000);
  if (status !== 0) ok = false;
  if (!existsSync(report)) {
    ok = false;
    results.push(`Node ${version}: ${tiers}: vitest gave no report`);
    return;
  }
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const counts = [`${numPassedTests} passed`, `${numFailedTests} failed`];
  const skipped = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ fullName }) => `  skipped: ${relative(root, name)}: ${fullName}`),
  );
  if (skipped.length > 0) counts.push(`${skipped.length} skipped`);
  results.push(`Node ${version}: ${tiers}: ${counts.join(', ')} in ${seconds} s`, ...skipped);
}
