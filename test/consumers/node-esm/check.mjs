import { POOL, SCALAR, SIMD, expectReport, nodeBackend } from '../expected.mjs';

export default async function check({ folder, run }) {
  const printed = await run('node', 'main.js');
  const main = nodeBackend(folder);
  expectReport(JSON.parse(printed), { main, scalar: SCALAR, raw: SIMD, pool: { ...POOL, ...main } });
}
