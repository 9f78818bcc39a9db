import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { inBrowsers } from './browsers.mjs';
import { parse } from './expected.mjs';

const installed = createRequire(new URL('../browsers/package.json', import.meta.url));
const AXE = readFileSync(installed.resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = new URL('../../out/demo/', import.meta.url).pathname;

inBrowsers(['Chromium', 'Firefox'], (open) => {
  it('says which tier computes', async () => {
    const page = await open();
    expect(await page.locator('#tier').innerText()).toMatch(/^, on its (relaxed tier|simd tier \(relaxed: .*\))\.$/);
  });

  it('computes where WebAssembly is refused, and says why', async () => {
    const page = await open({ strict: true, query: '?z=1,2&t=0' });
    expect(await page.locator('#tier').innerText()).toMatch(/^, on its scalar tier \(relaxed: .+; simd: .+\)\.$/);
    const probs = (await page.locator('#classes output').allInnerTexts()).map(parse);
    expect(probs[0]).toBeCloseTo(1 / (1 + Math.E), 4);
    await page.locator('#bench-start').click();
    await page.waitForFunction(() => document.querySelectorAll('#bench-table tbody tr').length > 0);
    expect(await page.locator('.engines').innerText()).toMatch(/relaxed\s+not here: .+\s+simd\s+not here: /);
    await page.locator('#bench-stop').click();
  });
});

inBrowsers(['Chromium'], (open) => {
  it.each(['light', 'dark'])('is accessible in the %s scheme, on a screen and on a phone', async (colorScheme) => {
    for (const viewport of [
      { width: 1280, height: 900 },
      { width: 360, height: 740 },
    ]) {
      const page = await open({ colorScheme, viewport, query: '?z=2,1,0.1,-0.7,x-1.5&t=2&T=1&eta=0.5' });
      for (let k = 0; k < 4; k++) await page.locator('#step').click();
      for (let k = 0; k < 3; k++) await page.locator('#draw').click();
      await page.locator('[role=gridcell]').nth(10).focus();
      await page.locator('#bench-start').click();
      await page.waitForFunction(() => document.querySelector('#bench-progress').value > 0);
      await page.locator('#bench-stop').click();
      await page.addScriptTag({ content: AXE });
      const { violations, passes } = await page.evaluate('axe.run()');
      expect(passes.length).toBeGreaterThan(25);
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
      await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }));
      const shot = (name, options) => page.screenshot({ path: `${SHOTS}${name}-${colorScheme}.png`, ...options });
      await shot(viewport.width, { fullPage: true });
      if (viewport.width < 1000) continue;
      await page.locator('#derivation').screenshot({ path: `${SHOTS}derivation-${colorScheme}.png` });
      await page.locator('#sampling').screenshot({ path: `${SHOTS}sampling-${colorScheme}.png` });
    }
  });

  it.each([
    [320, '-0.125,0,-3.75,2,1'],
    [360, '-0.125,0,-3.75,2,1,-2.625,0.5,0'],
    [768, '-0.125,0,-3.75,2,1,-2.625,0.5,0'],
    [1024, '-0.125,0,-3.75,2,1,-2.625,0.5,0'],
  ])('has no sideways scroll at a width of %d', async (width, logits) => {
    const page = await open({ viewport: { width, height: 740 }, query: `?z=${logits}&T=0.5` });
    for (let k = 0; k < 3; k++) await page.locator('#step').click();
    await page.locator('#draw').click();
    await page.locator('#bench-start').click();
    await page.waitForFunction(() => document.querySelector('#bench-progress').value > 0);
    await page.locator('#bench-stop').click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    // Nor does anything reach out of its card, or a number out of its cell.
    const outside = await page.evaluate(() => {
      const found = [];
      for (const card of document.querySelectorAll('.card')) {
        const { left, right } = card.getBoundingClientRect();
        for (const element of card.querySelectorAll('*')) {
          const box = element.getBoundingClientRect();
          if (box.width > 0 && (box.left < left || box.right > right)) found.push(element.outerHTML);
        }
      }
      for (const cell of document.querySelectorAll('[role=gridcell]')) {
        if (cell.scrollWidth > cell.clientWidth) found.push(cell.outerHTML);
      }
      return found;
    });
    expect(outside).toEqual([]);
  });

  it('ends its buttons where the cards end', async () => {
    const page = await open({ viewport: { width: 1366, height: 768 } });
    const right = (selector) => page.locator(selector).evaluate((element) => element.getBoundingClientRect().right);
    expect(await right('#reset')).toBeCloseTo(await right('#jacobian'), 1);
  });

  it('shows the focus wherever the Tab key goes', async () => {
    const page = await open();
    const seen = new Set();
    for (let k = 0; k < 130; k++) {
      await page.keyboard.press('Tab');
      const here = await page.evaluate(() => {
        const element = document.activeElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return {
          name: element.outerHTML.slice(0, 200),
          outline: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
        };
      });
      if (here.name.startsWith('<body')) break;
      expect(here.outline, here.name).toBe(true);
      seen.add(here.name);
    }
    // 5 rows of 3 and one radio group; the sliders, buttons and samples of the other cards.
    expect(seen.size).toBeGreaterThan(50);
  });
});
