import { install } from '../../scripts/install.mjs';
import { browserOf, launch } from '../../test/browsers/browsers.mjs';
import { servePage } from './server.mjs';

/** The browsers that are timed, by the names of their records, and their engines. */
const BROWSERS = {
  chromium: { name: 'Chromium', engine: 'V8' },
  firefox: { name: 'Firefox', engine: 'SpiderMonkey' },
};

/**
 * @param {string} id
 * @param {import('../suite/suite.mjs').Plan} plan
 * @param {(message: any) => void} told
 * @returns {Promise<{ name: string, version: string, engine: string }>}
 */
export async function runInBrowser(id, plan, told) {
  const { name, engine } = BROWSERS[id];
  const tested = browserOf(name);
  install(tested.folder);
  const browser = await launch(tested);
  let server;
  try {
    server = await servePage(plan);
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
    server?.close();
  }
}
