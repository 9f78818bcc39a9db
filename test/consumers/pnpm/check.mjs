import { copyFileSync, cpSync, lstatSync, rmSync } from 'node:fs';
import assert from 'node:assert/strict';
import path from 'node:path';
import { execute } from '../programs.mjs';
import { POOL, SCALAR, expectReport, nodeBackend } from '../expected.mjs';

export default async function check({ folder, run, tarball }) {
  const place = path.join(folder, 'dist');
  rmSync(place, { recursive: true, force: true });
  cpSync(path.join(folder, 'workspace'), path.join(place, 'workspace'), { recursive: true });
  cpSync(path.join(folder, '../report'), path.join(place, 'consumer-report'), { recursive: true });
  copyFileSync(tarball, path.join(place, 'softmax-simd.tgz'));
  const workspace = path.join(place, 'workspace');
  const store = path.join(place, 'store');
  await execute(workspace, path.join(folder, 'node_modules/.bin/pnpm'), 'install', '--offline', '--store-dir', store);
  const app = path.join(workspace, 'app');
  assert.ok(lstatSync(path.join(app, 'node_modules/softmax-simd')).isSymbolicLink());

  const main = nodeBackend(folder);
  expectReport(JSON.parse(await run('node', path.join(app, 'main.js'))), {
    main,
    scalar: SCALAR,
    pool: { ...POOL, ...main },
    pinned: { tier: 'scalar', reason: null },
  });
}
