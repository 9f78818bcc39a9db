import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';

const PAGE = 'out/bench/page';
const MODULES = 'bench/peers/node_modules';
const MATHS = '@huggingface/transformers/src/utils/maths.js';
const TYPES = { '.html': 'text/html; charset=utf-8', '.wasm': 'application/wasm' };

/**
 * Bundles the page and serves it on the loopback address, with the wasm files of the peers.
 *
 * @param {import('../suite/suite.mjs').Plan} plan
 */
export async function servePage(plan) {
  await bundle();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    // With these two the clock of the page is finer: 5 µs in Chromium, 20 in Firefox.
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    if (pathname === '/plan.json') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(plan));
      return;
    }
    const file = fileOf(pathname);
    if (pathname.includes('..') || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('content-type', TYPES[path.extname(file)] ?? 'text/javascript; charset=utf-8');
    createReadStream(file).pipe(response);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** @param {string} pathname */
function fileOf(pathname) {
  if (pathname === '/') return 'bench/browser/index.html';
  if (pathname.startsWith('/peers/')) return path.join(MODULES, pathname.slice('/peers/'.length));
  return path.join(PAGE, pathname);
}

async function bundle() {
  const require = createRequire(path.resolve('bench/peers/package.json'));
  await require('esbuild').build({
    entryPoints: ['bench/browser/main.mjs'],
    outdir: PAGE,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    nodePaths: [MODULES],
    // Not among the entries that the package offers.
    alias: { [MATHS]: path.resolve(MODULES, MATHS) },
    logLevel: 'error',
  });
}
