import assert from 'node:assert/strict';
import { POOL, SCALAR, expectReport, nodeBackend } from '../expected.mjs';
import { ENVIRONMENTS, PROJECTS } from './projects.js';

export default async function check({ folder, run }) {
  const { testResults } = JSON.parse(await run('vitest', 'run', '--reporter=json'));
  const found = testResults.flatMap(({ assertionResults }) => assertionResults.map(({ meta }) => meta));
  const names = PROJECTS.map(({ environment, pool }) => `${environment} ${pool}`);
  assert.deepEqual(found.map(({ project }) => project).sort(), names.sort());
  const main = nodeBackend(folder);
  for (const { project, environment, report } of found) {
    assert.equal(environment, ENVIRONMENTS[project.split(' ')[0]], project);
    expectReport(report, { main, scalar: SCALAR, pool: { ...POOL, ...main } });
  }
}
