// Pages on the loopback address that run check.mjs: isolated and not, and with policies that forbid blob: workers or
// compiling; and one that runs stress.mjs.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A page that publishes the report that `script` leaves in `report`. */
const page = (title, script) => `<!doctype html>
<title>softmax-simd: ${title}</title>
<body></body>
<script type="module">
  let report;
  try {${script}
  } catch (error) {
    report = { error: String(error) };
  }
  globalThis.report = JSON.stringify(report);
</script>
`;

const checkPage = (options) =>
  page(
    'the pool',
    `
    const { createEngine } = await import('/dist/index.js');
    const { openPool } = await import('/build/lib/pool/pool.js');
    const { check } = await import('/test/pool/check.mjs');
    report = await check({ openPool, createEngine }, ${JSON.stringify(options)});`,
  );

/** What a worker runs before its own script, so that it can be made to throw wherever it is. */
const MORTAL = `
  let poison = null;
  addEventListener('message', (event) => {
    if (event.data.poison === undefined) return;
    event.stopImmediatePropagation();
    if (event.data.poison === null) throw new Error('ended');
    poison = new Int32Array(event.data.poison);
  });
  const { load } = Atomics;
  Atomics.load = (words, i) => {
    if (poison !== null && load(poison, 0) !== 0) throw new Error('ended');
    return load(words, i);
  };
`;

const stressPage = (options) =>
  page(
    'the pool under faults',
    `
    const workers = new Set();
    globalThis.Worker = class extends Worker {
      poison = globalThis.SharedArrayBuffer && new SharedArrayBuffer(4);
      constructor(url) {
        const text = ${JSON.stringify(MORTAL)} + 'importScripts(' + JSON.stringify(String(url)) + ')';
        super(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
        workers.add(this);
        if (this.poison) this.postMessage({ poison: this.poison });
      }
      terminate() {
        workers.delete(this);
        super.terminate();
      }
    };
    const kill = (worker) => {
      if (worker.poison) Atomics.store(new Int32Array(worker.poison), 0, 1);
      // One that waits for messages; it may throw more than once before it is ended.
      worker.postMessage({ poison: null });
      worker.postMessage({ poison: null });
    };
    const unexpected = [];
    globalThis.onerror = (message) => unexpected.push('uncaught: ' + message);
    globalThis.onunhandledrejection = ({ reason }) => unexpected.push('unhandled: ' + reason);
    const main = await import('/dist/index.js');
    const pool = await import('/dist/pool/index.js');
    const { stress } = await import('/test/pool/stress.mjs');
    const { failures, ...counts } = await stress({ ...main, ...pool }, { alive: () => [...workers], kill }, ${options});
    report = { ...counts, failures: [...failures, ...unexpected].slice(0, 10) };`,
  );

/** @param {{ seconds: number, seed: number }} options @returns the page's address behind the origin */
export const stressPath = (options) => `/stress?${encodeURIComponent(JSON.stringify(options))}`;

const NO_BLOBS = "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'self'";
const NO_COMPILING = "script-src 'self' 'unsafe-inline' blob:";
const WORKER_URL = '/dist/pool/worker.js';

/** `wanted` of a report: each field equals the value or matches the pattern. */
export const PAGES = [
  {
    path: '/isolated',
    isolated: true,
    wanted: { threads: 2, tier: /relaxed|simd/, reason: null },
  },
  {
    path: '/plain',
    wanted: {
      threads: 2,
      tier: /relaxed|simd/,
      reason: /^threads: rows travel by message: this page is not cross-origin isolated$/,
    },
  },
  {
    path: '/no-blobs',
    isolated: true,
    policy: NO_BLOBS,
    wanted: { threads: 1, tier: /relaxed|simd/, reason: /^threads: (?!rows travel)/ },
  },
  {
    path: '/no-blobs-worker-url',
    isolated: true,
    policy: NO_BLOBS,
    workerUrl: WORKER_URL,
    wanted: { threads: 2, tier: /relaxed|simd/, reason: null },
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
    wanted: { threads: 2, tier: 'scalar', reason: null },
  },
  { path: '/no-compiling-plain', policy: NO_COMPILING, wanted: { threads: 2, tier: 'scalar', reason: /by message/ } },
];

/** What a page is to report in a browser that lacks tiers, or shared memory. */
export function wantedOf(wanted, { tiers, lacks }) {
  const tier = wanted.tier instanceof RegExp ? tiers[0] : wanted.tier;
  const alone = wanted.threads === 1;
  const reason = lacks.includes('SharedArrayBuffer') && !alone ? /by message/ : wanted.reason;
  return { ...wanted, reason, tier, tierReason: tierReasonOf(tier) };
}

/** What a pool says where this tier is the first that there is. */
export function tierReasonOf(tier) {
  if (tier === 'relaxed') return null;
  return tier === 'simd' ? /^relaxed: [^;]*$/ : /^relaxed: [^]*; simd: /;
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
  const { pathname, search } = new URL(request.url, 'http://127.0.0.1');
  const found = PAGES.find(({ path: at }) => at === pathname);
  const isStress = pathname === '/stress';
  // A worker's own script must be isolated as its page is.
  if (found?.isolated || isStress || pathname === WORKER_URL) {
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
  }
  if (isStress) {
    const options = decodeURIComponent(search.slice(1));
    response.setHeader('content-type', 'text/html; charset=utf-8').end(stressPage(options));
    return;
  }
  if (found) {
    const { policy, workerUrl } = found;
    if (policy) response.setHeader('content-security-policy', policy);
    response.setHeader('content-type', 'text/html; charset=utf-8').end(checkPage({ threads: 2, workerUrl }));
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
