import assert from 'node:assert/strict';
import { programOf } from '../../../scripts/install.mjs';
import { RUNTIMES } from '../../runtimes/runtimes.mjs';
import { execute } from '../programs.mjs';
import { POOL, RELAXED, SCALAR, expectReport } from '../expected.mjs';

export default async function check({ folder }) {
  for (const { name, start, tiers } of RUNTIMES) {
    const program = programOf(name);
    assert.ok(program, `${name} is not to be had`);
    const { stdout } = await execute(folder, program, ...start, 'main.js');
    const { oneCopy, ...report } = JSON.parse(stdout);
    const main = tiers[0] === 'relaxed' ? RELAXED : { tier: 'simd', reason: /^relaxed: [^;]+$/ };
    expectReport(report, { main, scalar: SCALAR, required: main, pool: { ...POOL, ...main } });
    assert.equal(oneCopy, true, `${name}: import and require give one copy`);
  }
  return RUNTIMES.map(({ name }) => name).join(', ');
}
