// Builds the demo page and clicks through it in the browsers of the system (apt-get install chromium firefox-esr), served
// from a sub-folder; installs test/demo/package.json on demand. Screenshots go to out/demo/.
//
//   npm run test:demo
//   npm run test:demo -- digits      any arguments of vitest
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const FOLDER = 'test/demo';

install();
await import('./build.mjs');
await build({ configFile: 'examples/demo/vite.config.ts', logLevel: 'warn' });
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', `${FOLDER}/vitest.config.mjs`];
const { status } = spawnSync(process.execPath, [...vitest, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;

function install() {
  const { dependencies } = JSON.parse(readFileSync(`${FOLDER}/package.json`, 'utf8'));
  const isThere = ([name, version]) => {
    const manifest = `${FOLDER}/node_modules/${name}/package.json`;
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version;
  };
  if (Object.entries(dependencies).every(isThere)) return;
  const { status } = spawnSync('npm', ['ci', '--prefix', FOLDER, '--no-audit', '--no-fund'], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`npm ci failed in ${FOLDER}`);
}
