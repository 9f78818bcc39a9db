import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Some tests start processes of their own, which take seconds each on a busy machine.
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});
