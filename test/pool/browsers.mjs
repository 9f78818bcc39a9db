// Pages on the loopback address that run check.mjs: isolated and not, and with policies that forbid blob: workers or
// compiling.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const page = (options) => `<!doctype html>
<title>softmax-simd: the pool</title>
<body></body>
<script type="module">
  try {
    const { createEngine } = await import('/dist/index.js');
    const { openPool } = await import('/build/lib/pool/pool.js');
    const { check } = await import('/test/pool/check.mjs');
    show(await check({ openPool, createEngine }, ${JSON.stringify(options)}));
  } catch (error) {
    show({ error: String(error) });
  }
  function show(report) {
    globalThis.report = JSON.stringify(report);
  }
</script>
`;

const NO_BLOBS = "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'self'";
const NO_COMPILING = "script-src 'self' 'unsafe-inline' blob:";
const WORKER_URL = '/dist/pool/worker.js';

/** `wanted` of a report: each field equals the value or matches the pattern. */
export const PAGES = [
  {
    path: '/isolated',
    isolated: true,
    wanted: { threads: 2, tier: /relaxed|simd/, reason: /^(null|relaxed: [^;]*)$/ },
  },
  {
    path: '/plain',
    wanted: { threads: 2, tier: /relaxed|simd/, reason: /by message: this page is not cross-origin isolated/ },
  },
  {
    path: '/no-blobs',
    isolated: true,
    policy: NO_BLOBS,
    wanted: { threads: 1, tier: /relaxed|simd/, reason: /threads: .*refused|threads: / },
  },
  {
    path: '/no-blobs-worker-url',
    isolated: true,
    policy: NO_BLOBS,
    workerUrl: WORKER_URL,
    wanted: { threads: 2, tier: /relaxed|simd/, reason: /^(null|relaxed: [^;]*)$/ },
  },
  {
    path: '/no-blobs-worker-url-plain',
    policy: NO_BLOBS,
    workerUrl: WORKER_URL,
    wanted: { threads: 2, tier: /relaxed|simd/, reason: /by message/ },
  },
  {
    path: '/no-compiling',
    isolated: true,
    policy: NO_COMPILING,
    wanted: { threads: 2, tier: 'scalar', reason: /simd: / },
  },
  { path: '/no-compiling-plain', policy: NO_COMPILING, wanted: { threads: 2, tier: 'scalar', reason: /by message/ } },
];

/** What a page is to report in a browser that lacks tiers, or shared memory. */
export function wantedOf(wanted, { tiers, lacks }) {
  const tier = wanted.tier instanceof RegExp ? tiers[0] : wanted.tier;
  const alone = wanted.threads === 1;
  return { ...wanted, tier, reason: lacks.includes('SharedArrayBuffer') && !alone ? /by message/ : wanted.reason };
}

/** Starts the server of the pages. */
export async function servePages() {
  const server = createServer(serve);
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, close };
}

function serve(request, response) {
  const { pathname } = new URL(request.url, 'http://127.0.0.1');
  const found = PAGES.find(({ path: at }) => at === pathname);
  // A worker's own script must be isolated as its page is.
  if (found?.isolated || pathname === WORKER_URL) {
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
  }
  if (found) {
    const { policy, workerUrl } = found;
    if (policy) response.setHeader('content-security-policy', policy);
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page({ threads: 2, workerUrl }));
    return;
  }
  const file = path.join(root, pathname);
  if (!/^\/((dist|build\/lib|test\/pool)\/[\w./-]+|test\/ops)\.m?js$/.test(pathname) || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('content-type', 'text/javascript; charset=utf-8');
  createReadStream(file).pipe(response);
}
