import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { POOL, SCALAR, expectReport, nodeBackend } from '../expected.mjs';

const JEST = 'node_modules/jest/bin/jest.js';
/** What each way of Jest's to load files asks of Node. */
const WAYS = { require: [], import: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'] };

export default async function check({ folder, run }) {
  const reports = path.join(folder, 'dist');
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports);
  // The same test by a name that is no module's.
  copyFileSync(path.join(folder, 'answers.test.mjs'), path.join(reports, 'answers.test.js'));
  const main = nodeBackend(folder);
  for (const [way, flags] of Object.entries(WAYS)) {
    const names = ['node', 'jsdom'].map((environment) => `${way}-${environment}`);
    await run('node', ...flags, JEST, '--selectProjects', ...names);
    for (const name of names) {
      const report = JSON.parse(readFileSync(path.join(reports, `${name}.json`), 'utf8'));
      expectReport(report, { main, scalar: SCALAR, pool: { ...POOL, ...main } });
    }
  }
}
