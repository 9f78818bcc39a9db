// The suites that start other runtimes and browsers: npm run check -- runtimes, npm run check -- browsers.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: { include: ['test/**/*.suite.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
});
