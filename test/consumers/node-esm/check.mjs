import { SCALAR, SIMD, expectReport, nodeBackend } from '../expected.mjs';

export default async function check({ folder, run }) {
  const printed = await run('node', 'main.js');
  expectReport(JSON.parse(printed), { main: nodeBackend(folder), scalar: SCALAR, raw: SIMD });
}
