// What is installed on demand: the packages of folders that have a package.json and a lock file of their own.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { missing, runtimeOf } from '../test/runtimes/runtimes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Installs the pinned packages of a folder, unless they are there; of optional ones, what cannot be had is simply not there.
 *
 * @param {string} folder from the root
 * @throws where another one cannot be had
 */
export function install(folder) {
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    readFileSync(`${root}${folder}/package.json`, 'utf8'),
  );
  const lacking = (/** @type {object} */ packages) =>
    Object.entries(packages)
      // an alias is written `npm:name@version`
      .map(([name, spec]) => ({ name, version: spec.split('@').pop() }))
      .filter(({ name, version }) => versionIn(folder, name) !== version)
      .map(({ name, version }) => `${name} ${version}`)
      .join(', ');
  const wanted = lacking({ ...dependencies, ...optionalDependencies });
  if (wanted === '') return;
  console.error(`Installing in ${folder}: ${wanted}`);
  // No browser is downloaded, those of the system are driven; nor what ONNX Runtime has for CUDA, which nothing here uses.
  const env = { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1', ONNXRUNTIME_NODE_INSTALL: 'skip' };
  spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: `${root}${folder}`, stdio: ['ignore', 2, 2], env });
  const left = lacking(dependencies);
  if (left !== '') throw new Error(`${folder}: cannot be installed: ${left}`);
}

/** @param {string} folder from the root @param {string} name @returns {string | undefined} */
export function versionIn(folder, name) {
  const manifest = `${root}${folder}/node_modules/${name}/package.json`;
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
}

/**
 * The program of a runtime of test/runtimes/runtimes.mjs, installed on demand.
 *
 * @param {string} name
 * @returns null where it cannot be had
 */
export function programOf(name) {
  const runtime = runtimeOf(name);
  if (runtime === undefined) return null;
  install(runtime.folder);
  return missing(runtime) === undefined ? runtime.file : null;
}

/**
 * A Node that has relaxed SIMD: this one, or Node 24.
 *
 * @returns null where neither is to be had; needs dist/wasm/relaxed.wasm
 */
export function relaxedNode() {
  const here = WebAssembly.validate(readFileSync(`${root}dist/wasm/relaxed.wasm`));
  return here ? process.execPath : programOf('Node 24');
}
