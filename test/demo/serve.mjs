import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SITE = fileURLToPath(new URL('../../out/demo/site', import.meta.url));
const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Forbids compiling WebAssembly, as script-src does without 'wasm-unsafe-eval'. */
const STRICT = "default-src 'self'; style-src 'self' 'unsafe-inline'";

/**
 * Serves the built page on the loopback address from two folders: /some/folder/, and /strict/ with a content security
 * policy that refuses WebAssembly. Nothing else is there.
 */
export async function serve() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    const [, folder, name] = /^\/(some\/folder|strict)\/(.*)$/.exec(pathname) ?? [];
    const file = join(SITE, name || 'index.html');
    if (folder === undefined || !existsSync(file)) return response.writeHead(404).end();
    if (folder === 'strict') response.setHeader('content-security-policy', STRICT);
    response.setHeader('content-type', TYPES[extname(file)]).end(readFileSync(file));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return { origin, url: `${origin}/some/folder/`, strictUrl: `${origin}/strict/`, close: () => server.close() };
}
