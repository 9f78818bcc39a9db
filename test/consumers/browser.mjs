import { browserOf, launch } from '../browsers/browsers.mjs';

const SECONDS = 60;

/** Headless Chromium of the system, started by the first page. */
export class Browser {
  #launched;

  /**
   * Opens a page and waits for what it publishes (report/index.js).
   *
   * @throws for an error or warning on its console, an exception, or a request that fails
   */
  async report(url) {
    this.#launched ??= launch(browserOf('Chromium'));
    const context = await (await this.#launched).newContext();
    try {
      const page = await context.newPage();
      const problems = [];
      let fail;
      const failed = new Promise((resolve) => (fail = resolve));
      const add = (text) => {
        problems.push(text);
        // A little later, as one problem brings another.
        setTimeout(fail, 500);
      };
      context.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) add(message.text());
      });
      context.on('weberror', (webError) => add(webError.error().stack));
      context.on('requestfailed', (request) => add(`${request.url()}: ${request.failure().errorText}`));
      context.on('response', (response) => {
        if (response.status() >= 400) add(`${response.url()}: ${response.status()}`);
      });
      await page.goto(url);
      // Not by `waitForFunction`, which a strict content security policy forbids: it evaluates a string.
      const published = page.waitForSelector('pre', { timeout: SECONDS * 1000 }).catch((error) => add(error.message));
      await Promise.race([published, failed]);
      if (problems.length > 0) throw new Error(`${url}\n  ${problems.join('\n  ')}`);
      return JSON.parse(await page.textContent('pre'));
    } finally {
      await context.close();
    }
  }

  async version() {
    return (await this.#launched)?.version();
  }

  async close() {
    await (await this.#launched)?.close();
  }
}
