import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder;
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'demo-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** Builds the page with these settings. */
function build(settings) {
  const vite = ['node_modules/vite/bin/vite.js', 'build', 'examples/demo', '--logLevel', 'error', '--outDir', folder];
  const { status, stderr } = spawnSync(process.execPath, [...vite, '--emptyOutDir'], {
    env: { ...process.env, DEMO_PAGE_URL: '', DEMO_SOURCE_URL: '', DEMO_DOCS_URL: '', ...settings },
    encoding: 'utf8',
  });
  return { status, stderr, html: () => readFileSync(path.join(folder, 'index.html'), 'utf8') };
}

it('has no address of another place, unless it is set', () => {
  const { status, html } = build({});
  expect(status).toBe(0);
  const page = html();
  expect(page).not.toMatch(/https?:/);
  expect(page).toContain('<meta property="og:image" content="./preview.png">');
  // Every part is in its place, and nothing is left of what is not set.
  expect(page).not.toContain('<!--');
  for (const id of ['claim', 'derivation', 'digits', 'benchmark']) expect(page).toContain(`id="${id}"`);
});

it('has those that are set', () => {
  const { status, html } = build({
    DEMO_PAGE_URL: 'https://page.example/softmax/',
    DEMO_SOURCE_URL: 'https://source.example/?a=1&b=2',
    DEMO_DOCS_URL: 'https://docs.example/',
  });
  expect(status).toBe(0);
  const page = html();
  expect(page).toContain('<a href="https://docs.example/">Docs</a>');
  expect(page).toContain('<a href="https://source.example/?a=1&amp;b=2">Source</a>');
  expect(page).toContain('<meta property="og:image" content="https://page.example/softmax/preview.png">');
  expect(page).toContain('<meta property="og:url" content="https://page.example/softmax/">');
  expect(page).toContain('<link rel="canonical" href="https://page.example/softmax/">');
});

it('refuses what is no web address', () => {
  const { status, stderr } = build({ DEMO_DOCS_URL: 'javascript:alert(1)' });
  expect(status).not.toBe(0);
  expect(stderr).toContain('DEMO_DOCS_URL must be a web address, got javascript:alert(1)');
});
