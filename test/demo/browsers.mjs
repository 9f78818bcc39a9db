import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { browserOf, launch } from '../browsers/browsers.mjs';
import { serve } from './serve.mjs';

/** Where the browser takes more than a frame, on a machine that does other things too. */
export const SOON = { timeout: 15_000 };

/**
 * The tests that `define` defines, in each browser of the system; a browser that is missing is a failure. After each
 * test: no error on the console, no request that failed or went elsewhere than to the page's own files.
 *
 * @param {string[]} names
 * @param {(open: Open, name: string) => void} define
 * @typedef {(options?: object) => Promise<import('playwright').Page>} Open opens the page, with the options of a
 *   browser context, `query`, `strict` for the address whose policy refuses WebAssembly, or an `address` of its own;
 *   `before` is called with the context first
 */
export function inBrowsers(names, define) {
  describe.each(names)('%s', (name) => {
    let browser;
    let server;
    let problems = [];
    let contexts = [];

    beforeAll(async () => {
      server = await serve();
      browser = await launch(browserOf(name));
    });
    afterEach(async () => {
      for (const context of contexts) await context.close();
      contexts = [];
      const found = problems;
      problems = [];
      expect(found).toEqual([]);
    });
    afterAll(async () => {
      await browser?.close();
      server.close();
    });

    const open = async ({ query = '', strict = false, address, before, ...options } = {}) => {
      const start = address ?? (strict ? server.strictUrl : server.url);
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
      contexts.push(context);
      await before?.(context);
      const page = await context.newPage();
      page.setDefaultTimeout(SOON.timeout);
      // That the policy refused is what the strict address is for.
      const note = (text) => {
        if (!strict || !/WebAssembly/.test(text)) problems.push(text);
      };
      page.on('pageerror', ({ message }) => note(message));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) note(message.text());
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(new URL(start).origin)) problems.push(`outside: ${request.url()}`);
      });
      page.on('response', (response) => {
        if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
      });
      await page.goto(`${start}${query}`);
      await page.waitForFunction(() => document.querySelector('#prediction')?.textContent !== '');
      return page;
    };
    define(open, name);
  });
}
