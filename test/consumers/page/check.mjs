import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { COPYING_POOL, RELAXED, SCALAR, SIMD, expectReport } from '../expected.mjs';

const DOCUMENT = new URL('../../../docs/environments.md', import.meta.url);

export default async function check({ folder, report, serve }) {
  const url = await serve();
  expectReport(await report(url), { main: RELAXED, scalar: SCALAR, raw: SIMD, pool: COPYING_POOL });
  expectReport(await report(`${url}import-map.html`), { main: RELAXED, scalar: SCALAR });
  const pages = [...readFileSync(DOCUMENT, 'utf8').matchAll(/^```html\n([^]*?)^```$/gm)].map(([, html]) => html);
  assert.deepEqual(await Promise.all(pages.map(answer)), [[0.5, 0.5], { tier: 'simd', reason: null }]);

  /** What a page of the document shows. */
  async function answer(html, number) {
    const name = `document-${number}.html`;
    const file = path.join(folder, name);
    // Without an icon the browser asks for one.
    writeFileSync(file, html.replace('<title>', '<link rel="icon" href="data:," /><title>'));
    try {
      return await report(`${url}${name}`);
    } finally {
      rmSync(file);
    }
  }
}
