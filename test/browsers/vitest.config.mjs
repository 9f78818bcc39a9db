// The suites in one browser, the one that SOFTMAX_BROWSER names; scripts/check/suites.mjs starts it once for each.
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { webdriverio } from '@vitest/browser-webdriverio';
import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';
import { fileOf, leftOut } from '../runtimes/suites.mjs';
import { browserOf, driverClient } from './browsers.mjs';

const { SOFTMAX_BROWSER, SOFTMAX_DRIVER_PORT, SOFTMAX_TIERS, SOFTMAX_LACKS, CLIMB_STEPS } = process.env;
const browser = browserOf(SOFTMAX_BROWSER);

function provider() {
  const { driver, launchOptions, program } = browser;
  if (driver === undefined) return playwright({ launchOptions: { ...launchOptions, executablePath: program } });
  return webdriverio(driverClient(browser, Number(SOFTMAX_DRIVER_PORT)));
}

export default mergeConfig(
  base,
  defineConfig({
    root: fileURLToPath(new URL('../..', import.meta.url)),
    server: {
      // A page with these is given SharedArrayBuffer.
      headers: { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' },
    },
    test: {
      env: { SOFTMAX_TIERS, SOFTMAX_LACKS, ...(CLIMB_STEPS ? { CLIMB_STEPS } : {}) },
      exclude: ['**/node_modules/**', ...Object.keys(leftOut(browser.name, browser.tiers)).map(fileOf)],
      // One page for all suites, but for WebKit, which comes to a stop where they have left some GB behind.
      fileParallelism: false,
      isolate: browser.driver !== undefined,
      browser: {
        enabled: true,
        headless: browser.driver === undefined,
        screenshotFailures: false,
        provider: provider(),
        instances: [{ browser: browser.playwright ?? 'safari' }],
      },
    },
  }),
);
