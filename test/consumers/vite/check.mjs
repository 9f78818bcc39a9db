import { POOL, RELAXED, SCALAR, SIMD, expectReport } from '../expected.mjs';
import { ISOLATED } from '../serve.mjs';

const EXPECTED = { main: RELAXED, scalar: SCALAR, raw: SIMD, worker: RELAXED, pool: POOL };

export default async function check({ report, run, serve, start }) {
  // As on a first start: Vite keeps the dependencies that it has prepared in this cache.
  const dev = await start('vite', '--force', '--host', '127.0.0.1', '--strictPort', '--port');
  expectReport(await report(dev), EXPECTED);
  await run('vite', 'build');
  expectReport(await report(await serve('dist', ISOLATED)), EXPECTED);
}
