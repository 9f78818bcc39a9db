import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import ts from 'typescript-eslint';

const NODE = ['AbortController', 'AbortSignal', 'Buffer', 'URL', 'WebAssembly', 'console', 'performance', 'process'];

export default defineConfig(
  // AssemblyScript is no TypeScript to these rules; its compiler and Prettier look after assembly/.
  globalIgnores(['assembly/', 'build/', 'dist/', 'out/', 'src/wasm/bytes.ts', 'src/pool/worker-source.ts']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: Object.fromEntries(NODE.map((name) => [name, 'readonly'])) },
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
      // `return print(text)` and `(x) => void` are the shorter ways.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Kernels and an engine's functions need no `this`.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
