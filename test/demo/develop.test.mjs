import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inBrowsers } from './browsers.mjs';

let server;
let address;

// It builds the package first.
beforeAll(async () => {
  server = spawn('npm', ['run', '-s', 'demo'], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  let said = '';
  for await (const text of server.stdout) {
    said += text;
    address = /http:\/\/localhost:\d+\//.exec(said)?.[0];
    if (address !== undefined) return;
  }
  throw new Error(`npm run demo gave no address: ${said}`);
}, 120_000);

// npm leaves its children alone: the whole group ends.
afterAll(async () => {
  const ended = once(server, 'exit');
  process.kill(-server.pid);
  await ended;
});

inBrowsers(['Chromium'], (open) => {
  it('is the same page from npm run demo', async () => {
    const page = await open({ address });
    expect(await page.locator('#prediction').innerText()).toBe('3');
    const before = await page.locator('#loss-value').innerText();
    await page.locator('#step').click();
    expect(await page.locator('#loss-value').innerText()).not.toBe(before);
    await page.locator('#bench-start').click();
    await page.waitForFunction(() => document.querySelectorAll('#bench-table tbody tr').length > 0);
    await page.locator('#bench-stop').click();
  });
});
