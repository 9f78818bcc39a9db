import { COPYING_POOL, RELAXED, SCALAR, SIMD, expectReport } from '../expected.mjs';
import { expectSmall, expectSoftmaxOnly } from '../size.mjs';

export default async function check({ folder, report, run, serve }) {
  const entries = ['main', 'worker', 'softmax-only', 'everything'].map((name) => `src/${name}.js`);
  const options = [
    '--bundle',
    '--minify',
    '--format=esm',
    '--outdir=dist',
    '--loader:.wasm=file',
    '--log-level=warning',
  ];
  await run('esbuild', ...entries, ...options);
  expectReport(await report(await serve()), {
    main: RELAXED,
    scalar: SCALAR,
    raw: SIMD,
    worker: RELAXED,
    pool: COPYING_POOL,
  });
  expectSoftmaxOnly(folder);
  return expectSmall(folder);
}
