import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import ts from 'typescript-eslint';

/** What tests use within a page. */
const PAGE = ['Event', 'Image', 'document', 'getComputedStyle', 'location', 'navigator', 'scrollTo', 'scrollY'];
const NODE = [
  'AbortController',
  'AbortSignal',
  'Buffer',
  'TextEncoder',
  'URL',
  'WebAssembly',
  'console',
  'fetch',
  'performance',
  'process',
  'setTimeout',
];
const BROWSER = [
  'Response',
  'SharedWorker',
  'URL',
  'WebAssembly',
  'Worker',
  'document',
  'fetch',
  'navigator',
  'postMessage',
];
/** The consumers that Node runs, or a test runner in it. */
const NODE_CONSUMERS = ['jest', 'node-*', 'pnpm', 'quickjs', 'runtimes', 'vitest', 'yarn-pnp'].map(
  (name) => `test/consumers/${name}/**/*.js`,
);
const COMMONJS = ['jest/*.js', 'metro/*.js', 'node-require/*.js', 'pnpm/workspace/model/*.js', 'webpack4/*.js'].map(
  (files) => `test/consumers/${files}`,
);

const globals = (names) => ({ globals: Object.fromEntries(names.map((name) => [name, 'readonly'])) });

export default defineConfig(
  // AssemblyScript is no TypeScript to these rules; its compiler and Prettier look after assembly/.
  globalIgnores(['assembly/', 'build/', 'dist/', 'out/', 'src/wasm/*bytes.ts', 'src/pool/worker-source.ts']),
  // What the consumers' tools make, and files that are there for three compilers to accept and to refuse.
  globalIgnores([
    'test/consumers/*/dist/',
    'test/consumers/**/.next/',
    'test/consumers/{typescript,tsx-ts-node}/**/*.*ts',
  ]),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  { files: ['**/*.mjs', ...NODE_CONSUMERS], languageOptions: globals(NODE) },
  { files: ['test/consumers/**/*.js'], ignores: NODE_CONSUMERS, languageOptions: globals(BROWSER) },
  { files: COMMONJS, languageOptions: { sourceType: 'commonjs' } },
  { files: ['test/consumers/jest/*.test.mjs'], languageOptions: globals(['test']) },
  { files: ['test/consumers/metro/src/*.js'], languageOptions: globals(['require']) },
  {
    files: ['test/demo/*.mjs'],
    languageOptions: globals(PAGE),
  },
  {
    files: ['**/*.ts'],
    extends: [ts.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.test.json' } },
    rules: {
      // Numbers in messages are wanted.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // The compiler takes every index to be in bounds, so it cannot tell a doubt from a certainty: both are written.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      // Float16Array is `never` to a compiler whose libraries do not declare it.
      '@typescript-eslint/no-redundant-type-constituents': 'off',
      // `return print(text)` and `(x) => void` are the shorter ways.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Kernels and an engine's functions need no `this`.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // miniflare is installed by the tests that need it, so its types are not there when the linter runs.
    files: ['test/runtimes/workerd.suite.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
