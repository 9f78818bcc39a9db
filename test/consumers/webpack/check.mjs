import { COPYING_POOL, RELAXED, SCALAR, SIMD, expectReport } from '../expected.mjs';
import { expectSoftmaxOnly } from '../size.mjs';

export default async function check({ folder, report, run, serve }) {
  await run('webpack');
  expectReport(await report(await serve()), {
    main: RELAXED,
    scalar: SCALAR,
    raw: SIMD,
    worker: RELAXED,
    pool: COPYING_POOL,
  });
  expectSoftmaxOnly(folder);
}
