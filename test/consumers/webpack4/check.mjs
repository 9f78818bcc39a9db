import { COPYING_POOL, RELAXED, SCALAR, expectReport } from '../expected.mjs';

export default async function check({ report, run, serve }) {
  await run('webpack');
  expectReport(await report(await serve()), { main: RELAXED, scalar: SCALAR, pool: COPYING_POOL });
}
