import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // In the package this import is mapped to dist/; the tests run the sources.
    alias: { '#wasm-modules': fileURLToPath(new URL('./src/wasm/modules.ts', import.meta.url)) },
  },
  // Some tests start processes of their own, which take seconds each on a busy machine.
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});
