import { SCALAR, expectReport } from '../expected.mjs';

export default async function check({ run }) {
  const main = { tier: 'scalar', reason: /^relaxed: .*WebAssembly.*; simd: .*WebAssembly/ };
  expectReport(JSON.parse(await run('node', 'main.js')), { main, scalar: SCALAR });
}
