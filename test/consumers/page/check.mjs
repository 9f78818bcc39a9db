import { RELAXED, SCALAR, SIMD, expectReport } from '../expected.mjs';

export default async function check({ report, serve }) {
  const url = await serve();
  expectReport(await report(url), { main: RELAXED, scalar: SCALAR, raw: SIMD });
  expectReport(await report(`${url}import-map.html`), { main: RELAXED, scalar: SCALAR });
}
