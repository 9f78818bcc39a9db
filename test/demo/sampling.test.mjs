import { describe, expect, it } from 'vitest';
import { sample } from '../../dist/index.js';
import { inBrowsers } from './browsers.mjs';
import { softmax } from './expected.mjs';

const LOGITS = [5.2, 4.6, 4.3, 3.9, 3.6, 3.4, 3, 2.8, 2.5, 2.2, 1.9, 1.7, 1.1, 0.6, -0.2, -1.4].map(Math.fround);
const FIRST = { temperature: 1, minP: 0.03, topK: 10, topP: 0.9 };

inBrowsers(['Chromium', 'Firefox'], (open) => {
  describe('the card that draws tokens', () => {
    it('shows what is left, and why the others are out', async () => {
      const page = await open();
      await expectLeft(page, FIRST);
      await expectLeft(await open({ query: '?draw=3,0,16,1' }), { temperature: 3, minP: 0, topK: 16, topP: 1 });
      await expectLeft(await open({ query: '?draw=0.5,0.2,4,0.6' }), {
        temperature: 0.5,
        minP: 0.2,
        topK: 4,
        topP: 0.6,
      });
    });

    it('follows the keyboard, and the address follows it', async () => {
      const page = await open();
      await page.locator('#top-k').focus();
      for (let k = 0; k < 7; k++) await page.keyboard.press('ArrowLeft');
      await expectLeft(page, { ...FIRST, topK: 3 });
      await page.keyboard.press('End');
      expect(await page.locator('#top-k-value').innerText()).toBe('all');
      await page.locator('#min-p').focus();
      await page.keyboard.press('Home');
      await page.locator('#top-p').focus();
      await page.keyboard.press('End');
      expect(await page.locator('#left-note').innerText()).toBe('16 of 16 tokens are left.');
      expect(await page.locator('#min-p-value, #top-p-value').allInnerTexts()).toEqual(['off', 'off']);
      await page.locator('#token-temperature').focus();
      for (let k = 0; k < 10; k++) await page.keyboard.press('ArrowRight');
      await expectLeft(page, { temperature: 10 ** 0.1, minP: 0, topK: 16, topP: 1 });
      await page.waitForFunction(() => /&draw=1\.258\d*,0,16,1$/.test(location.search));

      await page.locator('#reset').click();
      await expectLeft(page, FIRST);
      await page.waitForFunction(() => !location.search.includes('draw'));
    });

    it('draws the tokens that the seed gives, from what is left', async () => {
      const page = await open();
      expect(await page.locator('#draw-note').innerText()).toBe('Nothing is drawn yet.');
      await page.locator('#draw').focus();
      for (let k = 0; k < 5; k++) await page.keyboard.press('Enter');
      expect(await countsOf(page)).toEqual(drawn(0, 5));
      const last = await page.locator('.token-row.last .name').innerText();
      expect(await page.locator('#draw-note').innerText()).toMatch(
        new RegExp(`^“${last}”\\. 5 draws, each token within `),
      );

      await page.locator('#draw-run').click();
      expect(await page.locator('#draw-run').getAttribute('aria-pressed')).toBe('true');
      await page.waitForFunction(
        () => /([\d,]+) draws/.exec(document.querySelector('#draw-note').textContent)[1].length > 2,
      );
      await page.keyboard.press('Space');
      expect(await page.locator('#draw-run').getAttribute('aria-pressed')).toBe('false');
      const counts = await countsOf(page);
      expect(counts).toEqual(
        drawn(
          0,
          counts.reduce((sum, count) => sum + count, 0),
        ),
      );

      // A new seed after Clear; another distribution begins anew.
      await page.locator('#draw-clear').click();
      await page.locator('#draw').click();
      expect(await countsOf(page)).toEqual(drawn(1, 1));
      await page.locator('#top-k').fill('2');
      expect(await page.locator('#draw-note').innerText()).toBe('Nothing is drawn yet.');
    });
  });
});

// Firefox takes the wish for less motion from the system alone.
inBrowsers(['Chromium'], (open) => {
  it('fills the histogram towards the distribution at once where no motion is wanted', async () => {
    const page = await open({ reducedMotion: 'reduce' });
    await page.locator('#draw-run').click();
    const counts = await countsOf(page);
    expect(counts).toEqual(drawn(0, 1000));
    const { drawnFrom } = expectedOf(FIRST);
    // Four standard deviations of a count.
    counts.forEach((count, i) => {
      expect(Math.abs(count - 1000 * drawnFrom[i])).toBeLessThanOrEqual(4 * Math.sqrt(1000 * drawnFrom[i]));
    });
    for (let k = 0; k < 9; k++) await page.locator('#draw-run').click();
    expect(await page.locator('#draw-note').innerText()).toContain('10,000 draws');
    expect(await page.locator('#draw').isDisabled()).toBe(true);
    const goals = await page.locator('.token-row:not(.out) .draws').evaluateAll((tracks) =>
      tracks.map((track) => {
        const [bar, goal] = [...track.children].map((element) => element.getBoundingClientRect());
        return Math.abs(bar.right - (goal.left + goal.width / 2)) / track.getBoundingClientRect().width;
      }),
    );
    expect(goals).toHaveLength(7);
    expect(Math.max(...goals)).toBeLessThan(0.03);
  });
});

/** By sorting, in float64: the probabilities, what is drawn from, and which stage leaves out the others. */
function expectedOf({ temperature, minP, topK, topP }) {
  const probs = softmax(LOGITS.map((z) => z / temperature));
  // The logits fall, so the largest come first.
  const stage = probs.map((p, i) => (p < minP * probs[0] ? 'min-p' : i >= topK ? 'top-k' : null));
  const left = probs.map((p, i) => (stage[i] === null ? p : 0));
  const total = left.reduce((sum, p) => sum + p, 0);
  let sum = 0;
  left.forEach((p, i) => {
    if (stage[i] === null && sum >= topP * total) stage[i] = 'top-p';
    sum += p;
  });
  const rest = probs.map((p, i) => (stage[i] === null ? p : 0));
  const all = rest.reduce((whole, p) => whole + p, 0);
  return { probs, stage, drawnFrom: rest.map((p) => p / all) };
}

async function expectLeft(page, sampling) {
  const { probs, stage, drawnFrom } = expectedOf(sampling);
  const rows = await page
    .locator('.token-row:not(.head)')
    .evaluateAll((all) => all.map((row) => [...row.querySelectorAll('output')].map((one) => one.textContent)));
  expect(rows).toHaveLength(16);
  rows.forEach(([prob, left], i) => {
    expectShare(prob, probs[i]);
    if (stage[i] === null) expectShare(left, drawnFrom[i]);
    else expect(left, `token ${i}`).toBe(stage[i]);
  });
  const count = stage.filter((one) => one === null).length;
  const note = await page.locator('#left-note').innerText();
  expect(note.startsWith(`${count} of 16 tokens ${count === 1 ? 'is' : 'are'} left.`), note).toBe(true);
  for (const name of ['min-p', 'top-k', 'top-p']) {
    const out = stage.filter((one) => one === name).length;
    expect(note.includes(`${out} by ${name}`), note).toBe(out > 0);
  }
}

function expectShare(text, share) {
  if (text === '< 0.1 %') return expect(share).toBeLessThan(0.00051);
  if (text === '> 99.9 %') return expect(share).toBeGreaterThan(0.9994);
  expect(Number(/^([\d.]+) %$/.exec(text)[1])).toBeCloseTo(100 * share, 0.9);
}

async function countsOf(page) {
  const texts = await page.locator('.token-row:not(.head) .draws + output').allTextContents();
  return texts.map((text) => Number(text.replace(',', '')));
}

/** How often each token comes, as the library in Node has it: the numbers are the same everywhere. */
function drawn(seed, count) {
  const counts = LOGITS.map(() => 0);
  for (let step = 0; step < count; step++) {
    counts[sample(Float32Array.from(LOGITS), 16, { ...FIRST, seed, step }).tokens[0]]++;
  }
  return counts;
}
