// The suites on every command-line runtime, on every tier that it has, and workerd with the packed package; then what
// the package does there where something is missing.
//
//   npm run test:runtimes
//   npm run test:runtimes -- bun deno                 some of them, by the beginning of their names
//   npm run test:runtimes -- --allow-missing          a runtime that cannot be had is reported, and is no failure
//   npm run test:runtimes -- --update                 writes what was found to test/runtimes/matrix.json
//
// The runtimes are installed on demand (test/runtimes).
import { fileURLToPath } from 'node:url';
import { missing, RUNTIMES, versionOf, WORKERD } from '../test/runtimes/runtimes.mjs';
import { fileOf, leftOut } from '../test/runtimes/suites.mjs';
import { install } from './install.mjs';
import { conclude } from './matrix.mjs';
import { runSuites } from './run-suites.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith('--'));

await import('./build.mjs');
install('test/runtimes');
const isChosen = (name) => names.length === 0 || names.some((n) => name.toLowerCase().startsWith(n));
const chosen = RUNTIMES.filter(({ name }) => isChosen(name));

const onRuntimes = chosen.map((runtime) => {
  const { name, file, start, tiers, lacks } = runtime;
  const out = leftOut(name, tiers);
  return {
    name,
    version: missing(runtime) ? undefined : versionOf(file),
    missing: missing(runtime),
    tiers,
    lacks,
    suites: Object.keys(out).join(),
    start: [file, ...start],
    args: Object.keys(out).flatMap((suite) => ['--exclude', fileOf(suite)]),
  };
});
for (const { name } of chosen) console.log(`${name}: left out ${Object.keys(leftOut(name, ['simd'])).join(', ')}`);
const CONFIG = ['--config', 'test/runtimes/environments.config.mjs'];
const workerd = {
  name: WORKERD.name,
  version: missing(WORKERD) ? undefined : versionOf(WORKERD.file, ['--version'], /[\d-]{10}/),
  missing: missing(WORKERD),
  tiers: WORKERD.tiers,
  suites: WORKERD.name,
  args: [...CONFIG, 'test/runtimes/workerd.suite.ts'],
};
const environments = {
  name: 'environments of runtimes',
  args: [...CONFIG, 'test/runtimes/environments.suite.ts'],
  prepare: async () => ({ env: { SOFTMAX_ONLY: chosen.map(({ name }) => name).join(',') }, stop: () => {} }),
};
const targets = [
  ...onRuntimes,
  ...(isChosen(WORKERD.name) ? [workerd] : []),
  ...(chosen.some((runtime) => missing(runtime) === undefined) ? [environments] : []),
];
conclude(await runSuites(targets), args);
