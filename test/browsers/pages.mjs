// Pages on the loopback address that run the built package: what one finds stands in `globalThis.report` as JSON.
import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const NONCE = 'softmax';

/** With these a page is given SharedArrayBuffer, where the browser has it. */
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

const JAVASCRIPT = { 'content-type': 'text/javascript; charset=utf-8', ...ISOLATED };

/**
 * @typedef {object} Page
 * @property {'bits' | 'probe' | 'worker' | 'document-worker'} run a module of test/browsers
 * @property {string} [without] a global that is deleted before anything is imported
 * @property {string} [policy] sources of scripts beside the page's own, of a content security policy
 * @property {boolean} [isolated]
 */

/** Starts the server. `url(page)` is where a page lies. */
export async function servePages() {
  const server = createServer(serve);
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const url = (/** @type {Page} */ page) => `${origin}/?${encodeURIComponent(JSON.stringify(page))}`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url, close };
}

async function serve(request, response) {
  const { pathname, search } = new URL(request.url, 'http://127.0.0.1');
  if (pathname === '/' && search !== '') {
    sendPage(JSON.parse(decodeURIComponent(search.slice(1))), response);
    return;
  }
  if (pathname === '/documents/worker.js') {
    response.writeHead(200, JAVASCRIPT).end(await documentWorker());
    return;
  }
  const file = path.join(root, pathname);
  if (
    !/^\/(dist\/[\w./-]+|test\/((bits|browsers|runtimes)\/[\w./-]+|ops))\.m?js$/.test(pathname) ||
    !existsSync(file)
  ) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, JAVASCRIPT);
  createReadStream(file).pipe(response);
}

/** The documents' worker, over the built package. */
async function documentWorker() {
  const [, source] = /```js\n(\/\/ worker\.js[^]+?)```/.exec(
    await readFile(path.join(root, 'docs/environments.md'), 'utf8'),
  );
  return source.replace("'softmax-simd'", "'/dist/index.js'");
}

function sendPage({ run, without, policy, isolated = false }, response) {
  const headers = { 'content-type': 'text/html; charset=utf-8', ...(isolated ? ISOLATED : {}) };
  if (policy !== undefined) headers['content-security-policy'] = `script-src 'self' 'nonce-${NONCE}' ${policy}`;
  response.writeHead(200, headers).end(`<!doctype html>
<title>softmax-simd: ${run}</title>
<script nonce="${NONCE}">
  const failed = ({ message }) => (globalThis.report ??= JSON.stringify({ error: message ?? 'a script was not loaded' }));
  addEventListener('error', failed, true);
  ${without ? `delete globalThis.${without};` : ''}
</script>
<script type="module" src="/test/browsers/${run}.mjs"></script>
`);
}
