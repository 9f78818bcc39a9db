import { describe, expect, it } from 'vitest';
import { inBrowsers, SOON } from './browsers.mjs';
import { expected, parse, rounding, stateOf } from './expected.mjs';

inBrowsers(['Chromium', 'Firefox'], (open) => {
  describe('the derivation', () => {
    it('shows what float64 arithmetic gives, at first', async () => {
      const page = await open();
      const state = await settled(page, () => page.locator('#step').click());
      expect(state.logits).toHaveLength(5);
      await expectNumbers(page, state);
    });

    it('follows the mouse', async () => {
      const page = await open();
      const before = await settled(page, () => dragTo(page, '#classes [aria-label="Logit 2"]', 0.9));
      expect(before.logits[1]).toBeGreaterThan(6);
      await expectNumbers(page, before);

      const temperature = await settled(page, () => dragTo(page, '#temperature', 0.7));
      expect(temperature.temperature).toBeGreaterThan(2);
      await expectNumbers(page, temperature);

      const target = await settled(page, () => page.getByLabel('Class 4 is the true one').click());
      expect(target.target).toBe(3);
      await expectNumbers(page, target);

      const masked = await settled(page, () => page.getByRole('button', { name: 'Mask class 2' }).click());
      expect(masked.masked).toEqual([false, true, false, false, false]);
      await expectNumbers(page, masked);

      const typed = await settled(page, async () => {
        await page.getByLabel('Logit 1, as a number').click();
        await page.keyboard.press('ControlOrMeta+a');
        await page.keyboard.type('-3.25');
      });
      expect(typed.logits[0]).toBe(-3.25);
      await expectNumbers(page, typed);
    });

    it('follows the keyboard alone', async () => {
      const page = await open();
      await tabTo(page, 'Logit 3');
      const slid = await settled(page, () => press(page, 'ArrowRight', 5));
      expect(slid.logits[2]).toBeCloseTo(0.6, 6);
      await expectNumbers(page, slid);

      await tabTo(page, 'Mask class 3');
      const masked = await settled(page, () => page.keyboard.press('Space'));
      expect(masked.masked[2]).toBe(true);
      await expectNumbers(page, masked);
      await settled(page, () => page.keyboard.press('Enter'));

      await page.getByLabel('Class 3 is the true one').focus();
      const target = await settled(page, () => page.keyboard.press('ArrowDown'));
      expect(target.target).toBe(3);

      await tabTo(page, 'Logit 5, as a number');
      const typed = await settled(page, async () => {
        await page.keyboard.press('ControlOrMeta+a');
        await page.keyboard.type('4.5');
      });
      expect(typed.logits[4]).toBe(4.5);
      await tabTo(page, 'temperature');
      const cooler = await settled(page, () => press(page, 'ArrowLeft', 10));
      expect(cooler.temperature).toBeCloseTo(10 ** -0.1, 3);
      await expectNumbers(page, cooler);
    });

    it('says which case an entry of the Jacobian is, under the pointer and in focus', async () => {
      const page = await open({ query: '?z=1,0.5,-0.5&t=0' });
      const { probs, jacobian } = expected({ logits: [1, 0.5, -0.5], masked: [], target: 0, temperature: 1 });
      const expectCase = async (i, j) => {
        expect(await page.locator('.case.applies').getAttribute('data-case')).toBe(i === j ? 'same' : 'other');
        const [left, ...terms] = (await page.locator('#substituted').innerText()).replaceAll('\n', '').split(' = ');
        expect(left).toBe(`J${i + 1}${j + 1}`);
        const [a, b, value] = [probs[i], probs[j], jacobian[i][j]].map((v) => v.toFixed(4).replace('-', '−'));
        expect(terms).toEqual([
          i === j ? `a${i + 1} (1 − a${i + 1})` : `−a${i + 1} a${j + 1}`,
          i === j ? `${a} · (1 − ${a})` : `−${a} · ${b}`,
          value,
        ]);
      };
      const cell = (i, j) => page.locator('[role=gridcell]').nth(i * 3 + j);
      for (const [i, j] of [
        [2, 0],
        [1, 1],
        [0, 2],
      ]) {
        await cell(i, j).hover();
        await expectCase(i, j);
      }
      await page.locator('#remove-class').focus();
      await page.mouse.move(0, 0);
      await cell(0, 2).focus();
      for (const [key, i, j] of [
        ['ArrowDown', 1, 2],
        ['ArrowLeft', 1, 1],
        ['Home', 1, 0],
        ['End', 1, 2],
        ['ArrowDown', 2, 2],
        ['ArrowDown', 2, 2],
        ['ArrowUp', 1, 2],
        ['ArrowRight', 1, 2],
      ]) {
        await page.keyboard.press(key);
        await expectCase(i, j);
        expect(await cell(i, j).evaluate((element) => element === document.activeElement)).toBe(true);
      }
      // One stop of the Tab key for all entries.
      expect(await page.locator('[role=gridcell][tabindex="0"]').count()).toBe(1);
    });
  });

  describe('gradient descent', () => {
    it('steps against the gradient, and back', async () => {
      const page = await open({ query: '?z=1,x5,-1,0.5&t=2&T=0.5&eta=2' });
      let state = { logits: [1, 5, -1, 0.5], masked: [false, true, false, false], target: 2, temperature: 0.5 };
      for (let k = 0; k < 3; k++) {
        const { gradient } = expected(state);
        const next = await settled(page, () => page.locator('#step').click());
        next.logits.forEach((z, i) => expect(z).toBeCloseTo(state.logits[i] - 2 * gradient[i], 4));
        await expectNumbers(page, next);
        state = next;
      }
      expect(await page.locator('#descent-note').innerText()).toMatch(/^3 steps: loss 4\.\d+ to 0\.\d+$/);
      const back = await settled(page, () => page.locator('#rewind').click());
      expect(back.logits).toEqual([1, 5, -1, 0.5]);
      expect(await page.locator('#descent-note').innerText()).toMatch(/^0 steps/);
    });

    it('runs until it is told to pause, and draws the loss', async () => {
      const page = await open();
      const before = await picture(page, '#descent-chart canvas');
      await page.locator('#run').click();
      await page.waitForFunction(
        () => parseInt(document.querySelector('#descent-note').textContent) >= 20,
        undefined,
        SOON,
      );
      await page.locator('#run').press('Enter');
      const after = await page.locator('#descent-note').innerText();
      const [steps, first, last] = /^(\d+) steps: loss (\S+) to (\S+)$/.exec(after).slice(1).map(Number);
      expect(steps).toBeGreaterThanOrEqual(20);
      expect(last).toBeLessThan(first / 10);
      expect(await page.locator('#descent-chart').getAttribute('aria-label')).toContain(`${steps} steps`);
      expect(await picture(page, '#descent-chart canvas')).not.toBe(before);
      await page.waitForTimeout(200);
      expect(await page.locator('#descent-note').innerText()).toBe(after);
    });
  });
});

// What depends on the page alone.
inBrowsers(['Chromium'], (open) => {
  describe('the derivation', () => {
    it('keeps what is typed, and goes back to the logit when that is none', async () => {
      const page = await open();
      const number = page.getByLabel('Logit 1, as a number');
      await number.fill('');
      await number.blur();
      expect(await number.inputValue()).toBe('2');
    });

    it('has two to eight classes', async () => {
      const page = await open();
      const [add, remove] = [page.locator('#add-class'), page.locator('#remove-class')];
      for (let classes = 5; classes < 8; classes++) await add.click();
      expect(await add.isDisabled()).toBe(true);
      const most = await settled(page, () => page.getByLabel('Class 8 is the true one').click());
      expect(most).toMatchObject({ logits: { length: 8 }, target: 7 });
      await expectNumbers(page, most);
      const fewest = await settled(page, async () => {
        for (let classes = 8; classes > 2; classes--) await remove.click();
      });
      expect(await remove.isDisabled()).toBe(true);
      expect(fewest).toMatchObject({ logits: { length: 2 }, target: 1 });
      await expectNumbers(page, fewest);
    });

    it('shows the edges: a masked label, everything masked', async () => {
      const page = await open({ query: '?z=1,x2,0&t=1' });
      expect(await page.locator('#loss-value').innerText()).toBe('∞');
      expect(await page.locator('#step').isDisabled()).toBe(true);
      await expectNumbers(page, { logits: [1, 2, 0], masked: [false, true, false], target: 1, temperature: 1 });
      await page.getByRole('button', { name: 'Mask class 1' }).click();
      await page.getByRole('button', { name: 'Mask class 3' }).click();
      expect(await page.locator('#classes output').allInnerTexts()).toEqual(['NaN', 'NaN', 'NaN']);
      expect(await page.locator('#loss-value').innerText()).toBe('NaN');
    });

    it('keeps the digits of what is almost certain', async () => {
      const page = await open({ query: '?z=10,-10&t=0' });
      expect(await page.locator('#loss-value').innerText()).toBe('2.06e−9');
      expect(await page.getByLabel('Gradient 1').innerText()).toBe('−2.06e−9');
    });

    it('goes back to the beginning', async () => {
      const page = await open({ query: '?z=1,2&t=1&T=2' });
      const state = await settled(page, () => page.locator('#reset').click());
      expect(state).toMatchObject({ logits: { length: 5 }, target: 2, temperature: 1, rate: 1 });
    });

    it('copies a link to what is shown', async () => {
      const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
      const state = await settled(page, () => page.getByLabel('Class 1 is the true one').check());
      await page.locator('#copy-link').click();
      await page.waitForFunction(() => document.querySelector('#link-status').textContent !== '', undefined, SOON);
      expect(stateOf(await page.evaluate(() => navigator.clipboard.readText()))).toEqual(state);
    });

    it('takes a link, with masks and a temperature', async () => {
      const page = await open({ query: '?z=3,x1,-2.5,0.25,0,9.5,-7,0.125&t=3&T=0.5&eta=0.1' });
      await expectNumbers(page, {
        logits: [3, 1, -2.5, 0.25, 0, 9.5, -7, 0.125],
        masked: [false, true, false, false, false, false, false, false],
        target: 3,
        temperature: 0.5,
      });
      expect(await page.locator('#rate-value').innerText()).toBe('0.10');
    });
  });

  describe('gradient descent', () => {
    it('does not move for those who want no motion', async () => {
      const page = await open({ reducedMotion: 'reduce' });
      await page.locator('#run').press('Space');
      expect(await page.locator('#descent-note').innerText()).toMatch(/^50 steps/);
      expect(await page.locator('#run').innerText()).toBe('Run');
    });

    it('begins again when the logits are moved', async () => {
      const page = await open();
      await page.locator('#step').click();
      await page.getByLabel('Logit 1', { exact: true }).press('ArrowRight');
      expect(await page.locator('#descent-note').innerText()).toMatch(/^0 steps/);
      await page.locator('#rate').press('ArrowRight');
      await page.locator('#step').click();
      expect(await page.locator('#descent-note').innerText()).toMatch(/^1 step:/);
    });
  });
});

/** The state in the address after `act`. */
async function settled(page, act) {
  const before = page.url();
  await act();
  await page.waitForFunction((url) => location.href !== url, before, SOON);
  // One more change may be on its way.
  await page.waitForTimeout(450);
  return stateOf(page.url());
}

/** Every number that the section shows. */
async function expectNumbers(page, state) {
  const { probs, jacobian, lse, loss, gradient } = expected(state);
  const near = (text, value, slack = 0) => {
    if (!Number.isFinite(value)) return expect(parse(text)).toBe(value);
    expect(Math.abs(parse(text) - value), `${text} for ${value}`).toBeLessThanOrEqual(rounding(value) + slack);
  };
  const shown = await page.locator('#classes output').allInnerTexts();
  expect(shown).toHaveLength(probs.length);
  shown.forEach((text, i) => near(text, probs[i]));

  const bars = await page
    .locator('#classes .track')
    .evaluateAll((tracks) =>
      tracks.map((track) => track.firstElementChild.getBoundingClientRect().width / track.clientWidth),
    );
  bars.forEach((share, i) => expect(share).toBeCloseTo(probs[i], 2));

  const cells = await page
    .locator('[role=gridcell]')
    .evaluateAll((all) =>
      all.map((cell) => ({ text: cell.textContent, label: cell.getAttribute('aria-description') })),
    );
  expect(cells).toHaveLength(probs.length ** 2);
  cells.forEach(({ text, label }, k) => {
    const [i, j] = [Math.floor(k / probs.length), k % probs.length];
    expect(Math.abs(parse(text) - jacobian[i][j])).toBeLessThanOrEqual(0.0005 * 1.001);
    expect(label).toMatch(`i = ${i + 1}, j = ${j + 1}: `);
    // 6 ULP of the terms, and as much again from the probabilities that it is made of.
    const terms = probs[i] * ((i === j ? 1 : 0) + probs[j]);
    near(label.split(': ')[1], jacobian[i][j], 12 * 2 ** -23 * terms);
  });

  near(await page.locator('#loss-value').innerText(), loss);
  const text = (await page.locator('#loss-formula').innerText()).split('\n');
  near(/−log ([^ ]+)$/.exec(text[0])[1], probs[state.target]);
  near(/= (\S+) − \S+( \/ \S+)?$/.exec(text[1])[1], lse);

  const slopes = await page.locator('#gradient output').allInnerTexts();
  expect(slopes).toHaveLength(probs.length);
  slopes.forEach((slope, i) => near(slope, gradient[i]));
}

/** Takes the thumb from where it is to this share of the slider. */
async function dragTo(page, selector, share) {
  const slider = page.locator(selector);
  await slider.evaluate((element) => element.scrollIntoView({ block: 'center', behavior: 'instant' }));
  const { x, y, width, height } = await slider.boundingBox();
  const at = await slider.evaluate(({ value, min, max }) => (value - min) / (max - min));
  await page.mouse.move(x + 9 + at * (width - 18), y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + 9 + share * (width - 18), y + height / 2, { steps: 5 });
  await page.mouse.up();
}

/** Tab, until the element of this label or id has the focus. */
async function tabTo(page, name) {
  for (let k = 0; k < 200; k++) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(() => [
      document.activeElement.id,
      document.activeElement.getAttribute('aria-label') ?? '',
    ]);
    if (here.includes(name)) return;
  }
  throw new Error(`Tab never came to ${name}`);
}

async function press(page, key, times) {
  for (let k = 0; k < times; k++) await page.keyboard.press(key);
}

/** What a canvas shows. */
function picture(page, selector) {
  return page.locator(selector).evaluate((canvas) => canvas.toDataURL());
}
