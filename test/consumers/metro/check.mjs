import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { SCALAR, expectReport } from '../expected.mjs';

const HERMES = 'node_modules/hermes-engine-cli/linux64-bin/hermes';
// React Native has no WebAssembly, and no workers.
const main = { tier: 'scalar', reason: /^relaxed: .*WebAssembly.*; simd: .*WebAssembly/ };
const pool = { ...main, threads: 1, threadsReason: /^threads: /, sameBits: true };

export default async function check({ folder, run }) {
  mkdirSync(path.join(folder, 'dist'), { recursive: true });
  for (const config of ['exports.config.js', 'no-exports.config.js']) {
    const bundle = `dist/${config}.bundle.js`;
    await run('metro', 'build', 'src/main.js', '--out', bundle, '--config', config, '--platform', 'android');
    // No matter how it ends: this build of Hermes crashes in its own exit, after `print(1)` too.
    const { stdout } = spawnSync(path.join(folder, HERMES), ['-Xes6-promise', bundle], {
      cwd: folder,
      encoding: 'utf8',
    });
    const { oneCopy, ...report } = JSON.parse(stdout);
    expectReport(report, { main, scalar: SCALAR, pool });
    assert.equal(oneCopy, true, `${config}: import and require give one copy`);
  }
}
