import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const versionIn = (manifest) => JSON.parse(readFileSync(manifest, 'utf8')).version;

/** Installs the pinned packages of a test's own folder, unless they are there; what cannot be had is simply not there. */
export function install(folder) {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  // an alias is written `npm:name@version`
  const wanted = Object.entries({ ...dependencies, ...optionalDependencies }).map(([name, spec]) => {
    return { name, version: spec.split('@').pop() };
  });
  const isThere = ({ name, version }) => {
    const manifest = `${folder}/node_modules/${name}/package.json`;
    return existsSync(manifest) && versionIn(manifest) === version;
  };
  if (wanted.every(isThere)) return;
  console.log(`Installing ${wanted.map(({ name, version }) => `${name} ${version}`).join(', ')}`);
  // No browser is downloaded: those of the system are driven.
  const env = { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' };
  spawnSync('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund'], { stdio: 'inherit', env });
}
