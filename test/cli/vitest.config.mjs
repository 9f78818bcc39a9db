import { mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

// npm run check -- cli: what takes long or needs programs that not every machine has.
const config = mergeConfig(base, { test: { testTimeout: 300_000, fileParallelism: false } });
config.test.include = ['test/cli/*.suite.ts'];
export default config;
