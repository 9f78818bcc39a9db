import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * Installs the packages of a folder with a package.json of its own where a version is not the one that it names.
 *
 * @param {string} folder
 * @param {string} what for the line that is printed
 */
export function install(folder, what) {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const wanted = Object.entries({ ...dependencies, ...optionalDependencies });
  if (wanted.every(([name, version]) => versionIn(folder, name) === version.split('@').pop())) return;
  console.error(`installing ${what}`);
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`${what}: cannot be installed`);
}

/** @param {string} folder @param {string} name @returns {string | undefined} */
export function versionIn(folder, name) {
  const manifest = `${folder}/node_modules/${name}/package.json`;
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
}
