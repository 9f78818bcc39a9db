import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { POOL, SCALAR, expectReport, nodeBackend } from '../expected.mjs';

const ARROW = 'softmax-simd: softmax: --format arrow needs the package apache-arrow: npm install apache-arrow\n';

export default async function check({ folder, tarball }) {
  const project = path.join(folder, 'dist');
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project);
  // An empty lock file: a project of its own, not a part of one above it.
  writeFileSync(path.join(project, 'yarn.lock'), '');
  const report = `file:${path.join(folder, '../report')}`;
  const dependencies = { 'consumer-report': report, 'softmax-simd': `file:${tarball}` };
  writeFileSync(path.join(project, 'package.json'), JSON.stringify({ type: 'module', dependencies }));
  copyFileSync(path.join(folder, 'main.js'), path.join(project, 'main.js'));

  const env = { ...process.env, YARN_ENABLE_IMMUTABLE_INSTALLS: 'false', YARN_ENABLE_TELEMETRY: '0', FORCE_COLOR: '0' };
  // What is asked is installed from files: nothing may be fetched.
  Object.assign(env, { YARN_ENABLE_NETWORK: 'false', YARN_ENABLE_GLOBAL_CACHE: 'false', YARN_NODE_LINKER: 'pnp' });
  const program = path.join(folder, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js');
  const yarn = (...args) => {
    const { input, words } =
      typeof args[0] === 'string' ? { input: '', words: args } : { ...args[0], words: args.slice(1) };
    const options = { cwd: project, env, input, encoding: 'utf8', timeout: 120_000 };
    return spawnSync(process.execPath, [program, ...words], options);
  };
  const installed = yarn('install');
  assert.equal(installed.status, 0, installed.stdout + installed.stderr);
  assert.doesNotMatch(installed.stdout, /node_modules|must be built|peer/i);

  const ran = yarn('node', 'main.js');
  assert.equal(ran.status, 0, ran.stdout + ran.stderr);
  const main = nodeBackend(folder);
  expectReport(JSON.parse(ran.stdout), { main, scalar: SCALAR, required: main, pool: { ...POOL, ...main } });

  const { status, stderr } = yarn({ input: 'x' }, 'softmax-simd', 'softmax', '-', '--format', 'arrow', '-o', 'x.arrow');
  assert.deepEqual({ status, stderr }, { status: 2, stderr: ARROW });
}
