import { defineConfig } from 'vitest/config';

// One file after the other: each drives browsers.
export default defineConfig({
  test: { include: ['test/demo/*.test.mjs'], testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false },
});
