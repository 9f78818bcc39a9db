// The long form of test/bounds.test.ts: climbs towards the worst row of every op with this many steps each, on every
// tier. Prints what was reached and writes it to out/; exits with 1 above a bound.
//
//   npm run test:climb                  200,000 steps: some ten minutes on two cores
//   npm run test:climb -- 1000000
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { relaxedNode } from './relaxed-node.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
if (!existsSync('dist/wasm/relaxed.wasm')) await import('./build.mjs');

const steps = process.argv[2] ?? '200000';
const node = relaxedNode();
if (node === null)
  console.error('relaxed: NOT CLIMBED, as this Node has no relaxed SIMD and Node 24 cannot be had here');
const { status } = spawnSync(
  node ?? process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'test/bounds.test.ts', '--disable-console-intercept'],
  { stdio: 'inherit', env: { ...process.env, CLIMB_STEPS: steps, CLIMB_REPORT: 'out' } },
);
process.exitCode = status === 0 && node !== null ? 0 : 1;
