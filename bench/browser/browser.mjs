import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { servePage } from './server.mjs';
import { CHROMIUM_ARGUMENTS } from '../../scripts/chromium.mjs';

/** The browsers of the system, opened by playwright-core without a window. */

const BROWSERS = {
  chromium: {
    type: 'chromium',
    name: 'Chromium',
    engine: 'V8',
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    options: { args: CHROMIUM_ARGUMENTS },
  },
  firefox: {
    type: 'firefox',
    name: 'Firefox',
    engine: 'SpiderMonkey',
    programs: ['firefox-esr', 'firefox'],
    options: { channel: 'moz-firefox' },
  },
};

/**
 * @param {string} id
 * @param {import('../suite/suite.mjs').Plan} plan
 * @param {(message: any) => void} told
 * @returns {Promise<{ name: string, version: string, engine: string }>}
 */
export async function runInBrowser(id, plan, told) {
  const { type, name, engine, programs, options } = BROWSERS[id];
  const executablePath = onPath(programs);
  if (executablePath === undefined) throw new Error(`${name} is not installed`);
  const playwright = createRequire(path.resolve('bench/peers/package.json'))('playwright-core');
  const server = await servePage(plan);
  const browser = await playwright[type].launch({ ...options, executablePath });
  try {
    const page = await browser.newPage();
    const failed = new Promise((_, reject) => {
      page.on('pageerror', reject);
      page.on('crash', () => reject(new Error('the page crashed')));
    });
    await page.exposeFunction('tell', told);
    await page.goto(server.url);
    await Promise.race([failed, page.waitForFunction('globalThis.finished', undefined, { timeout: 0, polling: 500 })]);
    const version = browser.version();
    return { name: `${name} ${version}`, version, engine };
  } finally {
    await browser.close();
    server.close();
  }
}

/** @param {string[]} names */
function onPath(names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return names
    .flatMap((name) => folders.map((folder) => path.join(folder, name)))
    .find((candidate) => existsSync(candidate));
}
