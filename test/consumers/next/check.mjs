import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { COPYING_POOL, POOL, RELAXED, SCALAR, expectReport, nodeBackend } from '../expected.mjs';
import { execute } from '../programs.mjs';

/** All that Next warns of in edge/; what takes its place runs in Node, and forbids nothing. */
const DEPRECATED = '⚠ The "middleware" file convention is deprecated. Please use "proxy" instead.';

export default async function check({ folder, report, run, start }) {
  const server = nodeBackend(folder);
  const routePool = { ...POOL, ...server };
  const client = { main: RELAXED, scalar: SCALAR, worker: RELAXED, pool: COPYING_POOL };
  const expected = { server, route: server, routePool, ...client };
  const dev = await start('next', 'dev', '-H', '127.0.0.1', '-p');
  expectReport(await report(dev), expected);
  // Where CI is set, Next warns of a build without a cache from the last one: an empty one will do.
  mkdirSync(path.join(folder, '.next/cache'), { recursive: true });
  await run('next', 'build');
  const built = await start('next', 'start', '-H', '127.0.0.1', '-p');
  expectReport(await report(built), expected);

  // Webpack looks through all that middleware imports for what edge runtimes forbid.
  for (const bundler of ['--webpack', '--turbopack']) {
    const output = path.join(folder, 'edge/.next');
    rmSync(output, { recursive: true, force: true });
    mkdirSync(path.join(output, 'cache'), { recursive: true });
    const { said } = await execute(folder, path.join(folder, 'node_modules/.bin/next'), 'build', 'edge', bundler);
    const warnings = said.split('\n').filter((line) => /warn|⚠/i.test(line) && line !== DEPRECATED);
    assert.deepEqual(warnings, [], bundler);
    const edge = await start('next', 'start', 'edge', '-H', '127.0.0.1', '-p');
    const answer = await fetch(`${edge}middleware`);
    expectReport(await answer.json(), { main: server, scalar: SCALAR });
  }
}
