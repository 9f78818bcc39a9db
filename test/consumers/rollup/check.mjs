import { COPYING_POOL, RELAXED, SCALAR, expectReport } from '../expected.mjs';
import { expectSoftmaxOnly } from '../size.mjs';

export default async function check({ folder, report, run, serve }) {
  await run('rollup', '--config');
  expectReport(await report(await serve()), { main: RELAXED, scalar: SCALAR, worker: RELAXED, pool: COPYING_POOL });
  expectSoftmaxOnly(folder);
}
