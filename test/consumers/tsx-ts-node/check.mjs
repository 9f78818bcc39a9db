import { POOL, SCALAR, expectReport, nodeBackend } from '../expected.mjs';

const WAYS = [
  ['tsx', 'main.mts'],
  ['tsx', 'main.ts'],
  // Its own program loads no modules on Node 20.
  ['node', '--no-warnings', '--loader=ts-node/esm', 'main.mts'],
  ['ts-node', 'main.ts'],
];

export default async function check({ folder, run }) {
  const main = nodeBackend(folder);
  for (const way of WAYS) {
    expectReport(JSON.parse(await run(...way)), { main, scalar: SCALAR, pool: { ...POOL, ...main } });
  }
}
