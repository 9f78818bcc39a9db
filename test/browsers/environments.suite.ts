import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectFound, type Found } from '../runtimes/right.js';
import { type Browser, BROWSERS, open, type Options } from './browsers.mjs';
import { type Page, servePages } from './pages.mjs';

// Pages and browsers in which something is missing: right answers on the best tier left, and the reason. What is taken
// away is taken from a real browser, by its own flags, preferences and policies where it has them.

interface Environment extends Partial<Page> {
  where: string;
  /** By browser; without one of its own, a browser of this name as it is. */
  in: Record<string, Options>;
  /** Undefined: the fastest of the browser's tiers. */
  tier?: 'simd' | 'scalar';
  says?: RegExp;
}

const EVERY = { Chromium: {}, Firefox: {}, WebKitGTK: {}, 'WPE WebKit': {} };

const ENVIRONMENTS: Environment[] = [
  {
    where: 'no WebAssembly',
    in: {
      Chromium: { flags: ['--js-flags=--jitless'] },
      Firefox: { preferences: { 'javascript.options.wasm': false } },
    },
    tier: 'scalar',
    says: /WebAssembly is not defined/,
  },
  {
    where: 'WebAssembly deleted by the page',
    in: EVERY,
    without: 'WebAssembly',
    tier: 'scalar',
    says: /WebAssembly/,
  },
  {
    where: 'no SIMD',
    in: {
      Chromium: { flags: ['--js-flags=--no-enable-sse4-1'] },
      WebKitGTK: { env: { JSC_useWasmSIMD: '0' } },
      'WPE WebKit': {},
    },
    tier: 'scalar',
    says: /SIMD unsupported|doesn't parse/,
  },
  {
    where: 'no relaxed SIMD',
    in: { Firefox: { preferences: { 'javascript.options.wasm_relaxed_simd': false } }, WebKitGTK: {} },
    tier: 'simd',
    says: /opcode|relaxed simd/,
  },
  {
    where: 'a CSP without wasm-unsafe-eval',
    in: EVERY,
    policy: '',
    tier: 'scalar',
    says: /CSP|Content Security Policy|unsafe-eval|doesn't parse/i,
  },
  {
    where: 'a CSP with wasm-unsafe-eval',
    in: { Chromium: {}, Firefox: {}, WebKitGTK: {} },
    policy: "'wasm-unsafe-eval'",
  },
  { where: 'no SharedArrayBuffer', in: EVERY },
  { where: 'a page that is cross-origin isolated', in: { Chromium: {}, Firefox: {} }, isolated: true },
  {
    where: 'no memory for an engine',
    in: { Chromium: { flags: ['--js-flags=--wasm-max-mem-pages=16'] } },
    tier: 'scalar',
    says: /memory/,
  },
  { where: 'a module worker', in: EVERY, run: 'worker' },
];

const only = process.env.SOFTMAX_ONLY?.split(',') ?? BROWSERS.map(({ name }) => name);
const installed = BROWSERS.filter(({ name, program }) => only.includes(name) && program !== undefined);

describe.each(installed)('$name', (browser: Browser) => {
  let pages: Awaited<ReturnType<typeof servePages>>;
  /** One browser for all that ask for nothing of it. */
  let plain: Awaited<ReturnType<typeof open>> | undefined;
  beforeAll(async () => {
    pages = await servePages();
    plain = await open(browser);
  });
  afterAll(async () => {
    await plain?.close();
    pages.close();
  });

  const here = ENVIRONMENTS.filter((environment) => browser.name in environment.in);
  it.for(here.map((environment) => [environment.where, environment] as const))(
    '%s',
    async ([where, environment], { task }) => {
      const { in: options, tier = browser.tiers[0]!, says = /./, run = 'probe', ...page } = environment;
      const its = options[browser.name]!;
      const opened = Object.keys(its).length === 0 ? plain! : await open(browser, its);
      let found: Found;
      try {
        found = JSON.parse(await opened.page(pages.url({ run, ...page }))) as Found;
      } finally {
        if (opened !== plain) await opened.close();
      }
      expectFound(found, tier, says);
      expect(found.shared).toBe(page.isolated === true);
      task.meta.environment = { where, runtime: browser.name, tier, reason: found.backend.reason };
    },
  );

  it("runs the documents' worker", async () => {
    const report = await plain!.page(pages.url({ run: 'document-worker' }));
    expect(JSON.parse(report)).toEqual({ probs: [0.5, 0.5, 0.5, 0.5] });
  });
});
