// The browsers of the system that the tests run in, and how each is driven: by playwright, or over WebDriver by WebKit's
// own driver. scripts/install-browsers.sh installs them.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { versionOf } from '../runtimes/runtimes.mjs';

const TIMEOUT = 120_000;
const FOLDER = 'test/browsers';

/** What a headless Chromium of the system is started with: it may run as root, and talks to nobody else. */
const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * @typedef {object} Browser
 * @property {string} name
 * @property {string} folder where the package of what drives it is installed
 * @property {string | undefined} program
 * @property {string[]} tiers what it is expected to have, fastest first
 * @property {string[]} lacks what it is known not to have beside tiers
 * @property {'chromium' | 'firefox'} [playwright] the type that playwright has of it
 * @property {object} [launchOptions] of playwright
 * @property {WebDriver} [driver]
 *
 * @typedef {object} Options
 * @property {string[]} [flags] of Chromium
 * @property {object} [preferences] of Firefox
 * @property {Record<string, string>} [env] variables of the process
 *
 * @typedef {object} WebDriver
 * @property {string[]} command
 * @property {string} browserName
 * @property {object} capabilities
 */

/** @type {Browser[]} */
export const BROWSERS = [
  {
    name: 'Chromium',
    folder: FOLDER,
    program: onPath('chromium', 'chromium-browser', 'google-chrome'),
    tiers: ['relaxed', 'simd', 'scalar'],
    lacks: [],
    playwright: 'chromium',
    launchOptions: { args: CHROMIUM_ARGUMENTS },
  },
  {
    name: 'Firefox',
    folder: FOLDER,
    program: onPath('firefox-esr', 'firefox'),
    tiers: ['relaxed', 'simd', 'scalar'],
    lacks: [],
    playwright: 'firefox',
    launchOptions: { channel: 'moz-firefox' },
  },
  webKit({
    name: 'WebKitGTK',
    program: ['4.1', '4.0', '6.0']
      .map((api) => `/usr/lib/x86_64-linux-gnu/webkit2gtk-${api}/MiniBrowser`)
      .find((file) => existsSync(file) && onPath('xvfb-run')),
    tiers: ['simd', 'scalar'],
    lacks: ['SharedArrayBuffer'],
    command: ['xvfb-run', '-a', 'WebKitWebDriver'],
    browserName: 'MiniBrowser',
    options: { key: 'webkitgtk:browserOptions', args: ['--automation'] },
  }),
  // A WebKit of 2022: a browser without SIMD.
  webKit({
    name: 'WPE WebKit',
    program: onPath('cog'),
    tiers: ['scalar'],
    lacks: ['SharedArrayBuffer', 'resizable ArrayBuffer'],
    command: ['WPEWebDriver'],
    browserName: 'cog',
    options: { key: 'wpe:browserOptions', args: ['--automation', '--platform=headless'] },
  }),
];

/** @returns {Browser} */
function webKit({ name, program, tiers, lacks, command, browserName, options: { key, args } }) {
  const driver = { command, browserName, capabilities: { [key]: { binary: program, args } } };
  return { name, folder: FOLDER, program: onPath(command.at(-1)) && program, tiers, lacks, driver };
}

/** @returns {Browser} */
export function browserOf(name) {
  return BROWSERS.find((browser) => browser.name === name);
}

/** Why the browser cannot be had, or undefined. */
export function missing({ program }) {
  return program === undefined ? 'not installed (scripts/install-browsers.sh)' : undefined;
}

/** Of the engine: cog says its own version first. MiniBrowser wants a display even for this. */
export function version({ program, driver }) {
  const { browserName } = driver ?? {};
  if (browserName === 'cog') return versionOf(program, ['--version'], /WebKit ([\d.]+)/);
  if (browserName === 'MiniBrowser') return versionOf('xvfb-run', ['-a', program, '--version']);
  return versionOf(program);
}

/**
 * Opens the browser. `page(url)` gives the string that the page puts into `globalThis.report`.
 *
 * @param {Browser} browser
 * @param {Options} [options]
 * @returns {Promise<{ page: (url: string) => Promise<string>, close: () => Promise<void> }>}
 */
export async function open(browser, options = {}) {
  return browser.playwright ? openPlaywright(browser, options) : openWebDriver(browser, options);
}

/**
 * Playwright's browser, headless.
 *
 * @param {Browser} browser
 * @param {Options} [options]
 * @throws where it is not installed
 */
export async function launch(browser, { flags = [], preferences, env } = {}) {
  const { name, playwright, program, launchOptions } = browser;
  if (program === undefined) throw new Error(`${name} is ${missing(browser)}`);
  return createRequire(import.meta.url)('playwright')[playwright].launch({
    ...launchOptions,
    executablePath: program,
    args: [...(launchOptions.args ?? []), ...flags],
    ...(preferences ? { firefoxUserPrefs: preferences } : {}),
    env: { ...process.env, ...env },
    timeout: TIMEOUT,
  });
}

async function openPlaywright(tested, options) {
  const browser = await launch(tested, options);
  const page = async (url) => {
    const opened = await browser.newPage();
    await opened.goto(url);
    // Not waitForFunction: it calls the page's eval, which the page's policy may forbid.
    for (const end = Date.now() + TIMEOUT; ; await sleep(20)) {
      const report = await opened.evaluate('globalThis.report');
      if (report === undefined && Date.now() < end) continue;
      await opened.close();
      if (report === undefined) throw new Error(`${url}: no report after ${TIMEOUT} ms`);
      return report;
    }
  };
  return { page, close: () => browser.close() };
}

async function openWebDriver(browser, { env }) {
  const { remote } = await import('webdriverio');
  const { port, stop } = await startDriver(browser, env);
  try {
    const { capabilities, ...client } = driverClient(browser, port);
    const session = await remote({
      ...client,
      capabilities: { ...capabilities, browserName: 'safari' },
      logLevel: 'silent',
    });
    const page = async (url) => {
      await session.url(url);
      await session.waitUntil(() => session.execute('return globalThis.report !== undefined'), { timeout: TIMEOUT });
      return session.execute('return globalThis.report');
    };
    const close = async () => {
      await session.deleteSession();
      stop();
    };
    return { page, close };
  } catch (error) {
    stop();
    throw error;
  }
}

/** Options of webdriverio, which knows Safari alone of the WebKits: the browser is asked for under its own name. */
export function driverClient({ driver }, port) {
  const { browserName, capabilities } = driver;
  const transformRequest = (request) => {
    const { body } = request;
    if (typeof body !== 'string') return request;
    return { ...request, body: body.replaceAll('"safari"', JSON.stringify(browserName)) };
  };
  return { hostname: '127.0.0.1', port, path: '/', capabilities, transformRequest };
}

/**
 * Starts a browser's WebDriver in a group of its own, which `stop` ends, at the latest when this process ends.
 *
 * @param {Browser} browser
 * @param {Record<string, string>} [env]
 */
export async function startDriver({ driver }, env) {
  const port = await freePort();
  const [file, ...args] = [...driver.command, `--port=${port}`];
  const started = spawn(file, args, { stdio: 'ignore', detached: true, env: { ...process.env, ...env } });
  const stop = () => {
    process.removeListener('exit', stop);
    if (started.exitCode === null && started.pid !== undefined) process.kill(-started.pid);
  };
  process.once('exit', stop);
  const failed = new Promise((_, reject) => {
    started.once('error', reject);
    started.once('exit', (code) => reject(new Error(`${driver.command.at(-1)} ended with ${code}`)));
  });
  try {
    await Promise.race([failed, answer(`http://127.0.0.1:${port}/status`)]);
  } catch (error) {
    stop();
    throw error;
  }
  return { port, stop };
}

async function answer(url) {
  const end = performance.now() + TIMEOUT;
  while (performance.now() < end) {
    if (await globalThis.fetch(url).catch(() => null)) return;
    await sleep(100);
  }
  throw new Error(`${url}: no answer in ${TIMEOUT / 1000} s`);
}

/** Of the loopback address. */
export async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** The first of these programs that the PATH has. */
function onPath(...names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => existsSync(file));
}
