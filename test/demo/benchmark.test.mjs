import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exact, largestUlps } from '../../examples/demo/benchmark/check.ts';
import { plain } from '../../examples/demo/benchmark/plain.ts';
import { inputOf } from '../../examples/demo/benchmark/shapes.ts';
import { inBrowsers } from './browsers.mjs';

const DONE = { timeout: 60_000 };
const SHAPES = ['4,096 × 10', '1,024 × 64', '64 × 1,000', '4 × 32,000'];

inBrowsers(['Chromium', 'Firefox'], (open, browser) => {
  it('checks, times and tells, while the page goes on', async () => {
    const page = await open();
    if (browser === 'Firefox') await page.locator('#bench-op').selectOption('crossEntropyWithGrad');
    await page.locator('#bench-start').click();
    await page.waitForFunction(() => document.querySelector('#bench-progress').value > 0, undefined, DONE);
    expect(await page.locator('#bench-start').isDisabled()).toBe(true);
    expect(await page.locator('#bench-copy').isDisabled()).toBe(true);

    // The page is not kept waiting.
    const before = await page.locator('#loss-value').innerText();
    const took = await page.evaluate(() => {
      const begin = performance.now();
      document.querySelector('#step').click();
      return performance.now() - begin;
    });
    expect(await page.locator('#loss-value').innerText()).not.toBe(before);
    expect(took).toBeLessThan(500);

    await page.waitForFunction(() => document.querySelector('#bench-status').textContent === 'Done.', undefined, DONE);
    const { tier } = await page.evaluate(() => ({ tier: document.querySelector('#tier b').textContent }));
    expect(await page.locator('#bench-tier').innerText()).toContain(`gets ${tier}`);
    const names = [`${tier}, alloc`, ...['relaxed', 'simd', 'scalar'].slice(['relaxed', 'simd'].indexOf(tier))];
    const checks = await page.locator('[data-engine]').evaluateAll((rows) => rows.map((row) => row.textContent));
    expect(checks).toHaveLength(names.length + 1);
    names.forEach((name, k) => {
      const [, ulps] = /✓ off by ([\d.]+) ULP at most \(6 promised\)$/.exec(checks[k]);
      expect(checks[k].startsWith(name)).toBe(true);
      expect(Number(ulps)).toBeLessThanOrEqual(6);
      // Rounding to float32 alone is half of one: less would mean that nothing was compared.
      expect(Number(ulps)).toBeGreaterThanOrEqual(0.49);
    });
    expect(checks.at(-1)).toMatch(/^Math.exp loop✓ off by [\d.,]+ ULP at most \(nothing promised\)$/);

    const rows = await page
      .locator('#bench-table tr')
      .evaluateAll((all) => all.map((row) => Array.from(row.cells, (cell) => cell.textContent)));
    expect(rows[0]).toEqual(['engine', ...SHAPES]);
    expect(rows.slice(1).map(([name]) => name)).toEqual([...names, 'Math.exp loop']);
    const times = rows.slice(1).map(([, ...cells]) => cells.map((cell) => /^([\d.]+)(?:× ([\d.]+))?$/.exec(cell)));
    times.forEach((row) =>
      row.forEach(([, time, ratio], shape) => {
        expect(Number(time)).toBeGreaterThan(0.05);
        expect(Number(time)).toBeLessThan(500);
        if (ratio === undefined) return;
        // Both are rounded.
        const plainTime = Number(times.at(-1)[shape][1]);
        expect(Number(ratio)).toBeGreaterThan((plainTime - 0.005) / (Number(time) + 0.005) - 0.05);
        expect(Number(ratio)).toBeLessThan((plainTime + 0.005) / (Number(time) - 0.005) + 0.05);
      }),
    );
    // SIMD is there to be faster.
    expect(Number(times[1][2][1])).toBeLessThan(Number(times.at(-1)[2][1]));
  });

  it('is started and stopped by the keyboard', async () => {
    const page = await open();
    await page.locator('#bench-start').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('#bench-progress').value > 0, undefined, DONE);
    expect(await page.evaluate(() => document.activeElement.id)).toBe('bench-stop');
    await page.keyboard.press('Enter');
    expect(await page.locator('#bench-status').innerText()).toBe('Stopped.');
    // Half a table is nothing to pass on.
    expect(await page.locator('#bench-copy').isDisabled()).toBe(true);
    expect(await page.evaluate(() => document.activeElement.id)).toBe('bench-start');
    const table = await page.locator('#bench-table').innerText();
    await page.waitForTimeout(300);
    expect(await page.locator('#bench-table').innerText()).toBe(table);
    expect(await page.locator('#bench-status').innerText()).toBe('Stopped.');
  });
});

inBrowsers(['Chromium'], (open) => {
  it('copies a table that says what it is of', async () => {
    const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
    await page.locator('#bench-start').click();
    await page.waitForFunction(() => document.querySelector('#bench-status').textContent === 'Done.', undefined, DONE);
    await page.locator('#bench-copy').click();
    await page.waitForFunction(() => document.querySelector('#bench-status').textContent === 'Copied.');
    const [title, , head, , ...rows] = (await page.evaluate(() => navigator.clipboard.readText())).split('\n');
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const agent = await page.evaluate(() => navigator.userAgent);
    expect(title).toBe(`softmax-simd ${version}: softmax, tier relaxed, ${agent}`);
    expect(head).toBe('| ns per element | 4096 × 10 | 1024 × 64 | 64 × 1000 | 4 × 32000 |');
    expect(rows).toHaveLength(6);
    for (const row of rows.slice(0, 5)) expect(row.split(' | ')).toHaveLength(5);
    expect(rows[0]).toMatch(/^\| relaxed, alloc (\| [\d.]+ × [\d.]+ ){4}\|$/);
    expect(rows[4]).toMatch(/^\| Math\.exp loop (\| [\d.]+ ){4}\|$/);
  });
});

inBrowsers(['Chromium', 'Firefox'], (open) => {
  it('draws the tokens of a sort, and sooner', async () => {
    const page = await open();
    await page.locator('#bench-op').selectOption('sample');
    await page.locator('#bench-start').click();
    await page.waitForFunction(() => document.querySelector('#bench-status').textContent === 'Done.', undefined, DONE);
    const checks = await page.locator('[data-engine]').evaluateAll((rows) => rows.map((row) => row.textContent));
    expect(checks.length).toBeGreaterThanOrEqual(4);
    for (const check of checks) expect(check).toMatch(/✓ the same tokens$/);
    expect(checks.at(-1)).toMatch(/^object sort/);
    const rows = await page
      .locator('#bench-table tbody tr')
      .evaluateAll((all) => all.map((row) => Array.from(row.cells, (cell) => cell.firstChild.textContent)));
    expect(rows).toHaveLength(checks.length);
    // Of 32,000 columns: nothing is sorted.
    expect(Number(rows[1].at(-1))).toBeLessThan(Number(rows.at(-1).at(-1)) / 10);
  });
});

describe('the check before the timing', () => {
  const input = inputOf({ rows: 3, cols: 5 });

  it('sees a wrong token', () => {
    const tokens = Float32Array.from(exact('sample', input));
    expect(tokens).toHaveLength(3);
    expect(largestUlps(Int32Array.from(tokens), exact('sample', input))).toBe(0);
    for (const wrong of [tokens[1] + 1, -1]) {
      expect(largestUlps(Int32Array.of(tokens[0], wrong, tokens[2]), exact('sample', input))).toBeGreaterThan(0);
    }
  });

  it.each(['softmax', 'crossEntropyWithGrad'])('sees what is wrong: %s', (op) => {
    const wanted = exact(op, input);
    const out = new Float32Array(15);
    plain[op](input, out);
    expect(largestUlps(out, wanted)).toBeLessThan(8);
    for (const wrong of [0, 1.001 * out[7], NaN, Infinity]) {
      const changed = out.slice();
      changed[7] = wrong;
      expect(largestUlps(changed, wanted)).toBeGreaterThan(1000);
    }
  });

  it('counts in the spacing of float32', () => {
    expect(largestUlps(Float32Array.of(1 + 2 ** -23), Float64Array.of(1))).toBe(1);
    expect(largestUlps(Float32Array.of(0.75 - 2 ** -24), Float64Array.of(0.75))).toBe(1);
    expect(largestUlps(Float32Array.of(0), Float64Array.of(2 ** -127))).toBe(0);
  });
});
