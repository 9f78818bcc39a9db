import { expect, it } from 'vitest';
import { inBrowsers } from './browsers.mjs';
import { digitLogits, parse, rounding, samples, softmax } from './expected.mjs';

inBrowsers(['Chromium', 'Firefox'], (open) => {
  it('shows the distribution of every test digit, as float64 arithmetic has it', async () => {
    const page = await open();
    for (const { index, label, pixels } of samples) {
      await page.getByRole('button', { name: `Test digit ${index}, a ${label}` }).click();
      await expectDistribution(page, softmax(digitLogits(pixels)), label);
    }
  });

  it('is used by the keyboard alone: a test digit, the temperature', async () => {
    const page = await open();
    const { index, label, pixels } = samples[8];
    await page.getByRole('button', { name: `Test digit ${index}, a ${label}` }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#digit-temperature').focus();
    for (let k = 0; k < 30; k++) await page.keyboard.press('ArrowRight');
    expect(await page.locator('#digit-temperature-value').innerText()).toBe('2.00');
    const temperature = 10 ** 0.3;
    const probs = softmax(digitLogits(pixels).map((z) => z / temperature));
    await expectDistribution(page, probs, label);
  });

  it('recognises what the mouse draws', async () => {
    const page = await open();
    await draw(page, ONE);
    expect(await page.locator('#prediction').innerText()).toBe('1');
    await page.locator('#pad-undo').click();
    await expectEmpty(page);
    await draw(page, SEVEN);
    expect(await page.locator('#prediction').innerText()).toBe('7');
    await page.locator('#pad-clear').click();
    await expectEmpty(page);
    await draw(page, ZERO);
    expect(await page.locator('#prediction').innerText()).toBe('0');
  });

  it('recognises what the keyboard draws', async () => {
    const page = await open();
    await page.locator('#pad').focus();
    const press = async (key, times = 1) => {
      for (let k = 0; k < times; k++) await page.keyboard.press(key);
    };
    await press('ArrowUp', 7);
    await press('Space');
    await press('ArrowDown', 14);
    await press('Space');
    // The pen is up: this draws nothing.
    await press('ArrowLeft', 9);
    expect(await page.locator('#prediction').innerText()).toBe('1');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expectEmpty(page);
  });
});

inBrowsers(['Chromium'], (open) => {
  it('recognises what a finger draws, without scrolling the page', async () => {
    const page = await open({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } });
    const { x, y, width } = await padBox(page);
    const client = await page.context().newCDPSession(page);
    const touch = (type, points) =>
      client.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: points.map(([u, v]) => ({ x: x + u * width, y: y + v * width })),
      });
    const before = await page.evaluate(() => scrollY);
    const [first, ...rest] = ONE;
    await touch('touchStart', [first]);
    for (const point of between([first, ...rest])) await touch('touchMove', [point]);
    await touch('touchEnd', []);
    expect(await page.locator('#prediction').innerText()).toBe('1');
    expect(await page.evaluate(() => scrollY)).toBe(before);
  });
});

/** Points in [0, 1]², x to the right, y down. */
const ONE = [
  [0.52, 0.15],
  [0.48, 0.85],
];
const SEVEN = [
  [0.25, 0.2],
  [0.75, 0.2],
  [0.45, 0.85],
];
const ZERO = Array.from({ length: 25 }, (_, k) => [
  0.5 - 0.22 * Math.sin((k / 24) * 2 * Math.PI),
  0.5 - 0.35 * Math.cos((k / 24) * 2 * Math.PI),
]);

async function expectDistribution(page, probs, label) {
  const shown = await page.locator('#distribution output').allInnerTexts();
  shown.forEach((text, digit) => {
    const share = 100 * probs[digit];
    if (text.startsWith('<')) return expect(share).toBeLessThan(0.0501);
    if (text.startsWith('>')) return expect(share).toBeGreaterThan(99.9499);
    expect(Math.abs(Number(text.replace(' %', '')) - share)).toBeLessThan(0.051);
  });
  const best = probs.indexOf(Math.max(...probs));
  expect(await page.locator('#prediction').innerText()).toBe(String(best));
  expect(await page.locator('#prediction-text').innerText()).toContain(best === label ? 'Right' : `it is a ${label}`);
  const loss = -Math.log(probs[label]);
  const text = await page.locator('#prediction-text .loss').innerText();
  // The logits are sums of a hundred products in float32.
  expect(Math.abs(parse(text) - loss)).toBeLessThan(rounding(loss) + 1e-5 * Math.max(loss, 1));
}

async function expectEmpty(page) {
  expect(await page.locator('#prediction').innerText()).toBe('–');
  expect(await page.locator('#pad-undo').isDisabled()).toBe(true);
}

async function padBox(page) {
  const pad = page.locator('#pad');
  await pad.evaluate((element) => element.scrollIntoView({ block: 'center', behavior: 'instant' }));
  return pad.boundingBox();
}

async function draw(page, points) {
  const { x, y, width } = await padBox(page);
  const [first, ...rest] = points.map(([u, v]) => [x + u * width, y + v * width]);
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const point of rest) await page.mouse.move(...point, { steps: 4 });
  await page.mouse.up();
}

/** Eight points on the way to each next one. */
function between(points) {
  return points
    .slice(1)
    .flatMap(([x1, y1], k) =>
      Array.from({ length: 8 }, (_, s) => [
        points[k][0] + ((x1 - points[k][0]) * (s + 1)) / 8,
        points[k][1] + ((y1 - points[k][1]) * (s + 1)) / 8,
      ]),
    );
}
