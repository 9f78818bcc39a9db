// The runtimes and browsers that a check is run in, and what it says of each.
import { spawn } from 'node:child_process';
import { missing as missingBrowser, open, version as versionOfBrowser } from '../../test/browsers/browsers.mjs';
import { missing as missingRuntime } from '../../test/runtimes/runtimes.mjs';
import { install } from '../install.mjs';

/**
 * @typedef {import('../../test/runtimes/runtimes.mjs').Runtime | import('../../test/browsers/browsers.mjs').Browser} Place
 *
 * @typedef {object} Row what a check found in one place
 * @property {string} name
 * @property {string} [missing] why the place cannot be had
 * @property {string[]} [problems]
 */

/**
 * The places whose names begin with one of these words, spaces apart; all without words. What they need is installed.
 *
 * @template {Place} P
 * @param {P[]} places
 * @param {string[]} words
 * @returns {P[]}
 */
export function choose(places, words) {
  const plain = (/** @type {string} */ text) => text.toLowerCase().replaceAll(' ', '');
  const begins = (/** @type {P} */ { name }, /** @type {string} */ word) => plain(name).startsWith(plain(word));
  const unknown = words.filter((word) => !places.some((place) => begins(place, word)));
  if (unknown.length > 0) {
    throw new Error(`nothing is called ${unknown.join(', ')}: ${places.map(({ name }) => name).join(', ')}`);
  }
  const chosen = places.filter((place) => words.length === 0 || words.some((word) => begins(place, word)));
  for (const folder of new Set(chosen.map((place) => place.folder))) install(folder);
  return chosen;
}

/** Browsers have a program of the system or none, runtimes a file of theirs. @param {Place} place */
const isBrowser = (place) => 'program' in place;

/** Why a place cannot be had, or undefined. @param {Place} place */
export function missing(place) {
  return isBrowser(place) ? missingBrowser(place) : missingRuntime(place);
}

/**
 * What a script prints on a runtime, as JSON.
 *
 * @param {{ file: string, start: string[] }} runtime
 * @param {string | string[]} script and its arguments
 * @param {number} seconds
 * @returns {Promise<any>}
 */
export function reportOf({ file, start }, script, seconds) {
  const said = new Promise((resolve, reject) => {
    const child = spawn(file, [...start, script].flat(), {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: seconds * 1000,
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(out);
      else reject(new Error(`ended with ${code ?? signal}: ${err.trim().slice(-2000)}`));
    });
  });
  return said.then(JSON.parse);
}

/**
 * What pages publish in a browser, one after the other, as JSON; an error stands for the page's.
 *
 * @param {any} browser
 * @param {string[]} urls
 * @returns {Promise<{ version: string, reports: any[] }>}
 */
export async function pagesOf(browser, urls) {
  const { page, close } = await open(browser);
  const reports = [];
  for (const url of urls) reports.push(await page(url).then(JSON.parse, (error) => ({ error: error.message })));
  await close();
  return { version: versionOfBrowser(browser), reports };
}

/**
 * Names what is wrong, and what is missing; either is a failure, but for what is missing where that is allowed.
 *
 * @param {Row[]} rows
 * @param {{ allowMissing: boolean }} asked
 */
export function conclude(rows, { allowMissing }) {
  const absent = rows.filter((row) => row.missing !== undefined);
  for (const { name, problems = [] } of rows) for (const problem of problems) console.error(`${name}: ${problem}`);
  for (const { name, missing: why } of absent) console.error(`NOT CHECKED: ${name}: ${why}`);
  const failed = rows.some(({ problems = [] }) => problems.length > 0);
  const fine = !failed && (absent.length === 0 || allowMissing);
  if (!fine) process.exitCode = 1;
  return fine;
}

/** @param {string[][]} lines the first is the head */
export function printTable(lines) {
  const widths = lines[0].map((_, k) => Math.max(...lines.map((line) => line[k].length)));
  const text = lines.map((line) => line.map((cell, k) => cell.padEnd(widths[k])).join('  '));
  console.log(`\n${text.map((line) => line.trimEnd()).join('\n')}\n`);
}
