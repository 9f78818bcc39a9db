import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { PACKAGES } from './engines/names.mjs';
import { MAIN, RUNTIMES } from './plan.mjs';
import { versionIn } from '../scripts/install.mjs';

/**
 * What one runtime gave: bench/results/<runtime>.json.
 *
 * @typedef {object} Record
 * @property {{ id: string, name: string, version: string, engine: string }} runtime
 * @property {string} command
 * @property {string} cpu
 * @property {string} system
 * @property {string} commit
 * @property {string} date
 * @property {number} seconds
 * @property {import('./suite/measure.mjs').Settings} settings
 * @property {{ [engine: string]: string }} versions
 * @property {{ engine: string, reason: string }[]} missing
 * @property {any} [own] figures without a peer: bench/own/own.mjs
 * @property {import('./suite/suite.mjs').Result[]} results
 */

/** Where committed results are, and those of a run that leaves something out. */
export const COMMITTED = 'bench/results';
export const PARTIAL = 'out/bench';

/** @param {string} folder @param {string} id */
const fileOf = (folder, id) => path.join(folder, `${id}.json`);

/** The committed record of a runtime. @param {string} id @returns {Record | null} */
export function readRecord(id) {
  const file = fileOf(COMMITTED, id);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/** All that are committed, the main one first. */
export function readRecords() {
  const records = RUNTIMES.map(readRecord).filter((record) => record !== null);
  if (records[0]?.runtime.id !== MAIN) throw new Error(`${fileOf(COMMITTED, MAIN)} is missing`);
  return records;
}

/**
 * One line for each result, so that a difference can be read.
 *
 * @param {string} folder
 * @param {Omit<Record, 'versions' | 'results'> & { [more: string]: any }} record
 * @param {string} [id] the file's name, where it is not the runtime's
 */
export function writeRecord(folder, record, id = record.runtime.id) {
  const { results, ...head } = record;
  const lines = results.map((result) => `    ${JSON.stringify(result)}`);
  const text = JSON.stringify({ ...head, results: [] }, null, 2);
  mkdirSync(folder, { recursive: true });
  const file = fileOf(folder, id);
  writeFileSync(file, `${text.replace(/\[\]\n\}$/, `[\n${lines.join(',\n')}\n  ]\n}`)}\n`);
  return file;
}

/** What stands in every record of this machine and these sources. */
export function surroundings() {
  return {
    cpu: cpus()[0].model.trim(),
    system: `${process.platform} ${process.arch}, ${cpus().length} cores`,
    commit: commit(),
    date: new Date().toISOString().slice(0, 10),
  };
}

/** The commit that is measured, and whether the sources differ from it. */
function commit() {
  const git = (...args) => spawnSync('git', args, { encoding: 'utf8' }).stdout?.trim() ?? '';
  const head = git('rev-parse', '--short=10', 'HEAD');
  if (head === '') return 'unknown';
  return git('status', '--porcelain', '--', 'assembly', 'src', 'package.json') === '' ? head : `${head} and changes`;
}

/** @param {string[]} engines */
export function versionsOf(engines) {
  const named = engines.filter((id) => PACKAGES[id] !== undefined);
  return Object.fromEntries(named.map((id) => [id, versionIn('bench/peers', PACKAGES[id]) ?? 'not installed']));
}

/**
 * Adds a result to those of an earlier process: the better timing counts, and what is wrong stays wrong.
 *
 * @param {import('./suite/suite.mjs').Result[]} results
 * @param {import('./suite/suite.mjs').Result} result
 */
export function addResult(results, result) {
  const same = (/** @type {any} */ r) => ['op', 'shape', 'subject'].every((key) => r[key] === result[key]);
  const at = results.findIndex(same);
  if (at < 0) {
    results.push(result);
    return;
  }
  const before = results[at];
  if (before.min === undefined) return;
  if (result.min === undefined) {
    results[at] = result;
    return;
  }
  results[at] = {
    ...before,
    min: Math.min(before.min, result.min),
    p50: Math.min(before.p50, result.p50),
    samples: before.samples + result.samples,
    spread: Math.max(before.spread, result.spread),
  };
}

/** Five figures are more than a machine repeats. @param {import('./suite/suite.mjs').Result} result */
export function rounded(result) {
  const short = (/** @type {any} */ v) => (typeof v === 'number' ? Number(v.toPrecision(5)) : v);
  return Object.fromEntries(Object.entries(result).map(([name, value]) => [name, short(value)]));
}
