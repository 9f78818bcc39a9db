// The runtimes that the tests run on, as test/runtimes/package.json pins them. The browsers are in
// test/browsers/browsers.mjs.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const modules = fileURLToPath(new URL('./node_modules/', import.meta.url));

/**
 * @typedef {object} Runtime
 * @property {string} name
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
    file: `${modules}bun/bin/bun`,
    start: ['--bun'],
    tiers: ['relaxed', 'simd', 'scalar'],
    lacks: [],
  },
  {
    name: 'Deno',
    file: `${modules}deno/deno`,
    start: ['run', '-A'],
    tiers: ['relaxed', 'simd', 'scalar'],
    lacks: [],
  },
];

/** It runs no files: workerd.suite.ts starts it by miniflare. */
export const WORKERD = {
  name: 'workerd',
  file: `${modules}workerd/bin/workerd`,
  tiers: ['relaxed', 'simd', 'scalar'],
};

/** @returns {Runtime} */
function node(major, tiers) {
  return { name: `Node ${major}`, file: `${modules}node${major}/bin/node`, start: [], tiers, lacks: [] };
}

/** @returns {Runtime} */
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
