#!/usr/bin/env node
import { run } from './run.js';

// A reader that has gone or a full disk: the result is lost, so this is no success.
process.stdout.on('error', (error: Error) => {
  process.stderr.write(`softmax-simd: standard output: ${error.message}\n`);
  process.exit(1);
});
process.exitCode = await run(process.argv.slice(2));
