// The suites in every browser, on every tier that it has; then what the package does there where something is missing.
//
//   npm run test:browsers
//   npm run test:browsers -- firefox                  one of them, by the beginning of its name
//   npm run test:browsers -- --allow-missing          a browser that is not installed is reported, and is no failure
//   npm run test:browsers -- --update                 writes what was found to test/runtimes/matrix.json
//
// scripts/install-browsers.sh installs the browsers; what drives them is installed on demand (test/browsers).
import { fileURLToPath } from 'node:url';
import { BROWSERS, missing, startDriver, version } from '../test/browsers/browsers.mjs';
import { leftOut } from '../test/runtimes/suites.mjs';
import { install } from './install.mjs';
import { conclude } from './matrix.mjs';
import { runSuites } from './run-suites.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const args = process.argv.slice(2);
const names = args.filter((arg) => !arg.startsWith('--'));

await import('./build.mjs');
install('test/browsers');
const chosen = BROWSERS.filter(({ name }) => names.length === 0 || names.some((n) => name.toLowerCase().startsWith(n)));
for (const [suite, why] of Object.entries(leftOut('browsers', []))) console.log(`left out: ${suite}: ${why}`);

const inBrowsers = chosen.map((browser) => ({
  name: browser.name,
  version: missing(browser) ? undefined : version(browser),
  missing: missing(browser),
  tiers: browser.tiers,
  lacks: browser.lacks,
  suites: 'browsers',
  args: ['--config', 'test/browsers/vitest.config.mjs'],
  prepare: async () => {
    const driver = browser.driver ? await startDriver(browser) : { port: 0, stop: () => {} };
    return { env: { SOFTMAX_BROWSER: browser.name, SOFTMAX_DRIVER_PORT: String(driver.port) }, stop: driver.stop };
  },
}));
const environments = {
  name: 'environments of browsers',
  args: ['--config', 'test/runtimes/environments.config.mjs', 'test/browsers/environments.suite.ts'],
  prepare: async () => ({ env: { SOFTMAX_ONLY: chosen.map(({ name }) => name).join(',') }, stop: () => {} }),
};
const some = chosen.some((browser) => missing(browser) === undefined);
conclude(await runSuites([...inBrowsers, ...(some ? [environments] : [])]), args);
