import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { inBrowsers } from './browsers.mjs';

const LONG = { timeout: 45_000 };
/** rows × cols of the table, in its order, and how it names them. */
const SHAPES = {
  '1x10': '1 row of 10',
  '65536x10': '65,536 rows of 10',
  '32x1000': '32 rows of 1,000',
  '1x32000': '1 row of 32,000',
};
const MAIN = Object.keys(SHAPES).indexOf('32x1000');
const json = (name) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const records = ['chromium', 'firefox'].map((id) => json(`bench/results/${id}.json`));
/** What the page must show of a committed record. */
const ratiosOf = ({ results }) =>
  Object.keys(SHAPES).map((shape) => {
    const [loop, ours] = ['loop', 'relaxed out'].map(
      (subject) => results.find((one) => one.op === 'softmax' && one.shape === shape && one.subject === subject).min,
    );
    return `${(loop / ours).toFixed(1)}×`;
  });

/** The page takes itself for one in the background until `hidden` is false: it measures nothing. */
const unseen = (context) =>
  context.addInitScript(() => {
    globalThis.hidden = true;
    Object.defineProperty(document, 'hidden', { get: () => globalThis.hidden });
  });

inBrowsers(['Chromium', 'Firefox'], (open, browser) => {
  it('shows the committed figures until it has its own', async () => {
    const page = await open({ before: unseen });
    const [head, ...rows] = await tableOf(page);
    expect(head).toEqual(['softmax of', 'your browser', ...records.map(({ runtime }) => shortName(runtime))]);
    const [chromium, firefox] = records.map(ratiosOf);
    expect(rows).toEqual(Object.values(SHAPES).map((name, k) => [name, '–', chromium[k], firefox[k]]));
    const mine = browser === 'Firefox' ? 1 : 0;
    expect(await page.locator('#claim-value').innerText()).toBe(ratiosOf(records[mine])[MAIN]);
    expect(await page.locator('#claim-status').innerText()).toBe(`Recorded in ${shortName(records[mine].runtime)}.`);
    expect(await page.locator('#claim-recorded').innerText()).toContain(records[mine].cpu);
  });

  it('measures by itself', async () => {
    const page = await open();
    const before = (await tableOf(page)).map((row) => row.slice(2));
    await measured(page);
    const table = await tableOf(page);
    expect(table.map((row) => row.slice(2))).toEqual(before);
    const mine = table.slice(1).map((row) => row[1]);
    for (const ratio of mine) expect(ratio).toMatch(/^\d+\.\d×$/);
    expect(await page.locator('#claim-value').innerText()).toBe(mine[MAIN]);
    // SIMD is there to be faster.
    expect(parseFloat(mine[MAIN])).toBeGreaterThan(1.5);
  });
});

// What depends on the page alone.
inBrowsers(['Chromium'], (open) => {
  it('waits until it is seen', async () => {
    const page = await open({ before: unseen });
    await page.waitForTimeout(1000);
    expect(await page.locator('#claim-status').innerText()).toMatch(/^Recorded in Chromium \d+\.$/);
    await page.evaluate(() => {
      globalThis.hidden = false;
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await measured(page);
  });

  it('and the benchmark make way for each other', async () => {
    const page = await open();
    await page.locator('#bench-start').click();
    await page.waitForFunction(() => document.querySelector('#bench-progress').value > 0, undefined, LONG);
    expect(await page.locator('#claim-status').innerText()).toMatch(/^Recorded in Chromium \d+\./);
    await page.locator('#claim-measure').click();
    expect(await page.locator('#bench-status').innerText()).toBe('Stopped, because another measurement began.');
    expect(await page.locator('#bench-start').isEnabled()).toBe(true);
    await measured(page);
    expect(await page.locator('#claim-measure').isEnabled()).toBe(true);
  });

  it('has the install command and a line that works', async () => {
    const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
    await page.locator('#copy-install').click();
    await page.waitForFunction(() => document.querySelector('#install-status').textContent === 'Copied.');
    const { name, version } = json('package.json');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`npm install ${name}`);
    const [line, , call] = (await page.locator('#line').innerText()).split('\n');
    const given = 'const [logits, cols] = [Float32Array.of(0, 0, 1, 1), 2];';
    const program = [line, given, call, 'console.log(probs.join());'].join('\n');
    expect(execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' })).toBe(
      '0.5,0.5,0.5,0.5\n',
    );
    expect(await page.locator('#version').innerText()).toBe(version);
  });

  it('has ink on white on paper, no button, and nothing cut off', async () => {
    const charts = [];
    for (const colorScheme of ['light', 'dark']) {
      const page = await open({ colorScheme, viewport: { width: 690, height: 980 } });
      await page.emulateMedia({ media: 'print' });
      const seen = await page.evaluate(() => ({
        width: document.documentElement.scrollWidth,
        ink: getComputedStyle(document.body).color,
        scheme: getComputedStyle(document.documentElement).colorScheme,
        buttons: [...document.querySelectorAll('button:not(.mask, .shelf button)')].filter((one) => one.offsetWidth > 0)
          .length,
      }));
      expect(seen).toEqual({ width: 690, ink: 'rgb(28, 26, 23)', scheme: 'light', buttons: 0 });
      charts.push(await page.locator('#descent-chart canvas').evaluate((canvas) => canvas.toDataURL()));
      expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-');
    }
    // What is painted is light, too.
    expect(charts[1]).toBe(charts[0]);
  });

  it('is pictured for those who pass it on', async () => {
    const page = await open({ before: unseen, viewport: { width: 1200, height: 630 } });
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: new URL('../../out/demo/preview.png', import.meta.url).pathname });
    const picture = await page.evaluate(async () => {
      const { content } = document.querySelector('meta[property="og:image"]');
      const image = new Image();
      image.src = content;
      await image.decode();
      return [content, image.naturalWidth, image.naturalHeight];
    });
    expect(picture).toEqual(['./preview.png', 1200, 630]);
  });
});

/** Waits for the page's own figures. */
async function measured(page) {
  const done = () => document.querySelector('#claim-status').textContent === 'Measured just now, in your browser.';
  await page.waitForFunction(done, undefined, LONG);
}

function tableOf(page) {
  return page
    .locator('#claim-table tr')
    .evaluateAll((rows) => rows.map((row) => Array.from(row.cells, (cell) => cell.textContent)));
}

function shortName({ name }) {
  return name.split('.')[0];
}
