import { describe, expect, it } from 'vitest';
import { inBrowsers, SOON } from './browsers.mjs';
import { stateOf } from './expected.mjs';

inBrowsers(['Chromium', 'Firefox'], (open) => {
  describe('the Jacobian of eight classes', () => {
    it.each([1366, 768, 360, 320])('has every number within its cell at a width of %d', async (width) => {
      // Equal logits: no entry is 0, and all off the diagonal have a sign.
      const page = await open({ viewport: { width, height: 740 }, query: '?z=0,0,0,0,0,0,0,0' });
      await page.evaluate(() => document.fonts.ready);
      const cells = await page.locator('[role=gridcell]').evaluateAll((all) =>
        all.map((cell) => {
          const text = document.createRange();
          text.selectNodeContents(cell.querySelector('.number'));
          const boxes = [...text.getClientRects()];
          const left = Math.min(...boxes.map((box) => box.left));
          const right = Math.max(...boxes.map((box) => box.right));
          const { x, width } = cell.getBoundingClientRect();
          return {
            text: cell.innerText,
            before: left - x,
            after: x + width - right,
            size: parseFloat(getComputedStyle(cell.querySelector('.number')).fontSize),
          };
        }),
      );
      expect(cells).toHaveLength(64);
      for (const { text, before, after, size } of cells) {
        expect(text).toMatch(/^−?0?\.\d{3}$/);
        expect(before, text).toBeGreaterThanOrEqual(1.5);
        expect(after, text).toBeGreaterThanOrEqual(1.5);
        // Of a size that can be read.
        expect(size).toBeGreaterThanOrEqual(width < 360 ? 7 : 9);
      }
    });
  });
});

// What depends on the page alone.
inBrowsers(['Chromium'], (open) => {
  describe('all classes masked', () => {
    it('is explained, and no sum of 0 is claimed', async () => {
      const page = await open({ query: '?z=x1,x2,x0&t=1' });
      expect(await page.locator('#jacobian-note').innerText()).toBe(
        'Every class is masked: nothing is left to share the probability, so that each is 0/0, which is NaN.',
      );
      const [, terms, value] = (await page.locator('#substituted').innerText()).replaceAll('\n', '').split(' = ');
      expect([terms, value]).toEqual(['−a1 a2', 'NaN']);
      expect(await page.locator('#loss-formula').innerText()).not.toContain('NaN');
      expect(await page.locator('#descent-note').innerText()).toBe('No descent from here: every class is masked.');

      await page.getByRole('button', { name: 'Mask class 1' }).click();
      expect(await page.locator('#jacobian-note').innerText()).toBe('Rows and columns sum to 0.');
      expect(await page.locator('#descent-note').innerText()).toBe('No descent from here: the true class is masked.');
    });
  });

  describe('a logit that is typed', () => {
    it.each([
      ['1e40', '1000000'],
      ['-1e40', '-1000000'],
      ['2e6', '1000000'],
    ])('is in the field what is used: %s', async (typed, used) => {
      const page = await open();
      const number = page.getByLabel('Logit 1, as a number');
      await number.click();
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type(typed);
      expect(await number.inputValue()).toBe(used);
      await page.waitForFunction((z) => location.search.startsWith(`?z=${z}`), used, SOON);
      expect(stateOf(page.url()).logits[0]).toBe(Number(used));
      expect(await page.locator('#classes-note').innerText()).toBe('Logits reach from −1,000,000 to 1,000,000.');
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type('3');
      expect(await page.locator('#classes-note').innerText()).toBe('');
    });

    it('is the one that is used when Enter is pressed over what is no number', async () => {
      const page = await open();
      const number = page.getByLabel('Logit 1, as a number');
      await number.click();
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type('7e');
      await page.keyboard.press('Enter');
      expect(await number.inputValue()).toBe('7');
    });
  });

  it('shows no minus sign before what is rounded to 0', async () => {
    const page = await open({ query: '?z=10,-10,0&t=0' });
    const cells = await page.locator('[role=gridcell]').allInnerTexts();
    expect(cells).toHaveLength(9);
    expect(cells.filter((text) => /^−[0.]+$/.test(text))).toEqual([]);
    expect(await page.locator('[role=gridcell]').nth(1).getAttribute('aria-description')).toContain('−2.06e−9');
  });
});
