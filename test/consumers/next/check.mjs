import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { COPYING_POOL, POOL, RELAXED, SCALAR, expectReport, nodeBackend } from '../expected.mjs';

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
}
