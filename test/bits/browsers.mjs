// The batch in the browsers of the system: a page on the loopback address, opened by playwright-core in Chromium and
// Firefox, and by WebKit's own driver in WebKitGTK.
import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const TIMEOUT = 120_000;

const PAGE = `<!doctype html>
<title>softmax-simd: equal bits</title>
<script type="module">
  try {
    const { createEngine } = await import('/dist/index.js');
    const { hashOf } = await import('/test/bits/batch.mjs');
    const engine = createEngine({ tier: 'simd' });
    globalThis.report = JSON.stringify({ tier: engine.tier, ...(await hashOf(engine)) });
  } catch (error) {
    globalThis.report = JSON.stringify({ error: String(error) });
  }
</script>
`;

/** It may run as root, and talks to nobody else. */
const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const BROWSERS = [
  {
    name: 'Chromium',
    program: onPath('chromium', 'chromium-browser', 'google-chrome'),
    open: (executablePath, url) => playwright('chromium', { executablePath, args: CHROMIUM_ARGUMENTS }, url),
  },
  {
    name: 'Firefox',
    program: onPath('firefox-esr', 'firefox'),
    open: (executablePath, url) => playwright('firefox', { executablePath, channel: 'moz-firefox' }, url),
  },
  {
    name: 'WebKitGTK',
    program: ['4.1', '4.0', '6.0']
      .map((api) => `/usr/lib/x86_64-linux-gnu/webkit2gtk-${api}/MiniBrowser`)
      .find((file) => existsSync(file) && onPath('WebKitWebDriver') && onPath('xvfb-run')),
    open: webKit,
  },
];

/**
 * Runs the batch in each browser.
 *
 * @param checked takes a report and throws where it is not one of the simd tier
 * @returns for each its name with version and report, or an `error`; `missing` where the browser is not there
 */
export async function browsers(checked) {
  const server = createServer(serve);
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${server.address().port}/`;
  const rows = [];
  for (const { name, program, open } of BROWSERS) {
    if (program === undefined) {
      rows.push({ name, missing: true, error: 'not installed' });
      continue;
    }
    try {
      const { version, report } = await open(program, url);
      rows.push({ name, version, ...checked(JSON.parse(report)) });
    } catch (error) {
      // Node adds the files that asked for a module
      rows.push({ name, missing: error.code === 'MODULE_NOT_FOUND', error: error.message.split('\nRequire stack')[0] });
    }
  }
  server.close();
  return rows;
}

/** The page, and the files that it imports. */
function serve(request, response) {
  const { pathname } = new URL(request.url, 'http://127.0.0.1');
  if (pathname === '/') {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(PAGE);
    return;
  }
  const file = path.join(root, pathname);
  if (!/^\/(dist|test\/bits)\/[\w./-]+\.m?js$/.test(pathname) || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('content-type', 'text/javascript; charset=utf-8');
  createReadStream(file).pipe(response);
}

async function playwright(type, options, url) {
  const browserType = createRequire(import.meta.url)('playwright-core')[type];
  const browser = await browserType.launch({ ...options, timeout: TIMEOUT });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await page.waitForFunction('globalThis.report !== undefined', undefined, { timeout: TIMEOUT });
    return { version: browser.version(), report: await page.evaluate('globalThis.report') };
  } finally {
    await browser.close();
  }
}

/** Over WebDriver: WebKitWebDriver runs in a group of its own, which ends with the session. */
async function webKit(binary, url) {
  const port = await freePort();
  const driver = spawn('xvfb-run', ['-a', 'WebKitWebDriver', `--port=${port}`], { stdio: 'ignore', detached: true });
  const ended = new Promise((_, reject) => driver.on('error', reject));
  const stop = () => process.kill(-driver.pid);
  process.once('exit', stop);
  const send = async (method, command, body) => {
    const answer = await globalThis.fetch(`http://127.0.0.1:${port}${command}`, {
      method,
      body: body && JSON.stringify(body),
    });
    const { value } = await answer.json();
    if (value?.error !== undefined) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  try {
    await Promise.race([ended, until(() => send('GET', '/status').catch(() => null))]);
    const options = { binary, args: ['--automation'] };
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': options } };
    const session = await send('POST', '/session', { capabilities });
    const at = `/session/${session.sessionId}`;
    await send('POST', `${at}/url`, { url });
    const script = { script: 'return globalThis.report ?? null', args: [] };
    const report = await until(() => send('POST', `${at}/execute/sync`, script));
    await send('DELETE', at);
    return { version: session.capabilities.browserVersion, report };
  } finally {
    process.removeListener('exit', stop);
    stop();
  }
}

/** The first answer that is not null. */
async function until(ask) {
  const end = performance.now() + TIMEOUT;
  while (performance.now() < end) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(100);
  }
  throw new Error(`no answer in ${TIMEOUT / 1000} s`);
}

async function freePort() {
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
