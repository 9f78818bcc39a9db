import { COPYING_POOL, RELAXED, SCALAR, SIMD, expectReport } from '../expected.mjs';

export default async function check({ report, serve }) {
  const url = await serve();
  expectReport(await report(url), { main: RELAXED, scalar: SCALAR, raw: SIMD, pool: COPYING_POOL });
  expectReport(await report(`${url}import-map.html`), { main: RELAXED, scalar: SCALAR });
}
