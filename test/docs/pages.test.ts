import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bytesSource } from '../../scripts/inline-modules.mjs';
import { decoded } from '../../src/wasm/decoded.js';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';
import { MAIN } from '../../bench/plan.mjs';
import { readRecord } from '../../bench/record.mjs';
import { ratio } from '../../bench/report/figures.mjs';
import { GROUPS } from '../../bench/report/readme.mjs';
import { shapeOf } from '../../bench/shapes.mjs';

// What single documents say, compared with what is so. Their code blocks run in readme.test.ts.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  exports: { '.': { default: string } };
};

describe('docs/command-line.md', () => {
  it('has every operation', () => {
    const text = readFileSync(join(ROOT, 'docs/command-line.md'), 'utf8');
    for (const op of ['softmax', 'log-softmax', 'log-sum-exp', 'entropy', 'argmax', 'top-k', 'cross-entropy']) {
      expect(text).toMatch(new RegExp(`^npx ${name} ${op} `, 'm'));
    }
  });
});

describe('docs/functions.md', () => {
  it('calls every function', async () => {
    const text = readFileSync(join(ROOT, 'docs/functions.md'), 'utf8');
    const all = (await import('../../src/index.js')) as object;
    for (const key of Object.keys(all)) expect(text, key).toMatch(new RegExp(`\\b${key}\\(`));
  });
});

describe('docs/environments.md', () => {
  const text = readFileSync(join(ROOT, 'docs/environments.md'), 'utf8');

  it('says how many modules a browser loads', () => {
    const reached = new Set<string>();
    const visit = (file: string) => {
      if (reached.has(file)) return;
      reached.add(file);
      const source = readFileSync(file, 'utf8');
      for (const [, to] of source.matchAll(/from\s*['"](\.[^'"]+)['"]/g)) visit(join(file, '..', to!));
    };
    visit(join(ROOT, exports['.'].default));
    expect(Number(/makes (\d+) requests/.exec(text)![1])).toBe(reached.size);
  });

  it('states the size of the modules', () => {
    const kilobytes = Number(/(\d+) KB for both builds/.exec(text)![1]);
    const bytes = ['simd', 'relaxed'].map((tier) => readFileSync(join(ROOT, `dist/wasm/${tier}.wasm`)).length);
    expect(Math.ceil(bytes.reduce((a, b) => a + b) / 1000)).toBe(kilobytes);
  });
});

describe('the sizes in docs/environments.md', () => {
  const text = readFileSync(join(ROOT, 'docs/environments.md'), 'utf8');
  /** Inside the package, so that its name is the package itself. */
  const folder = join(ROOT, 'build/sizes');
  mkdirSync(folder, { recursive: true });

  it.each([
    ['everything of', `export * from '${name}'`],
    ['`softmax` alone (', `export { softmax } from '${name}'`],
    ['`sample` alone', `export { sample } from '${name}'`],
    ['`softmax` alone from', `export { softmax } from '${name}/scalar'`],
    ['`softmax-simd/pool`', `export * from '${name}/pool'; export * from '${name}'`],
  ])('%s', async (title, code) => {
    const row = text.split('\n').find((line) => line.startsWith(`| ${title}`))!;
    const said = Array.from(row.matchAll(/(\d+) KB/g), ([, kilobytes]) => Number(kilobytes));
    const file = join(folder, `${title.replace(/\W+/g, '-')}.mjs`);
    writeFileSync(file, code);
    const bundle = await rolldown({ input: file, platform: 'browser' });
    const { output } = await bundle.generate({ minify: true });
    await bundle.close();
    const [chunk, ...more] = output;
    expect(more).toEqual([]);
    const sizes = [Buffer.byteLength(chunk.code), gzipSync(chunk.code, { level: 9 }).length];
    // Within 1 KB, so that not every change of a kernel is one of the page.
    expect(said.length).toBe(sizes.length);
    sizes.forEach((bytes, k) => expect(Math.abs(said[k]! - bytes / 1000), String(bytes)).toBeLessThanOrEqual(1));
  });
});

describe('docs/performance.md', () => {
  const text = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8');

  it('states what the inlined modules have gzipped, and what base64 would have', () => {
    const [simd, relaxed, reader] = ['simd', 'relaxed', 'reader'].map((name) =>
      readFileSync(join(ROOT, `dist/wasm/${name}.wasm`)),
    );
    const source = bytesSource(simd, relaxed, reader);
    const inBase64 = source
      .replace(/^export const frequent.*$/m, '')
      .replaceAll(/'([^']{100,})'/g, (_, encoded: string) => `'${Buffer.from(decoded(encoded)).toString('base64')}'`);
    const sizes = [source, inBase64].map((code) => gzipSync(code, { level: 9 }).length / 1000);
    const said = /: (\d+\.\d) KB gzipped,\s+where base64 makes (\d+\.\d)/.exec(text)!.slice(1).map(Number);
    sizes.forEach((size, i) => expect(Math.abs(size - said[i]!), String(size)).toBeLessThanOrEqual(0.3));
  });
});

describe('README.md', () => {
  const text = readFileSync(join(ROOT, 'README.md'), 'utf8');

  it('is short', () => {
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(200);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
  });

  it('says on the first screen what it is, without words that only its writers use', () => {
    const [first] = text.split('\n## Speed');
    expect(first).toContain('npm install softmax-simd');
    expect(first).not.toMatch(/\b(tiers?|ULP|relaxed|scalar|VJP|JVP|lse|logits|arena|engine)\b/i);
  });

  it('names every function and entry', async () => {
    const all = (await import('../../src/index.js')) as object;
    for (const key of Object.keys(all)) expect(text, key).toMatch(new RegExp(`\\b${key}\\b`));
    for (const entry of ['pool', 'scalar']) expect(text).toContain(`${name}/${entry}`);
  });

  it('has the two commands that do all the set-up', () => {
    const commands = Array.from(text.matchAll(/^```sh\n([^]*?)^```$/gm), ([, block]) =>
      block!.trim().split('\n'),
    ).flat();
    expect(commands).toContain('npm ci && npm start');
    expect(commands).toContain('npm ci && npm test');
  });

  it('has figures of speed only in the part that is made of the records, and they hold at every shape', () => {
    const [before, part, after] = text.split(/<!-- npm run bench: (?:begin|end) -->/);
    expect(`${before}${after}`).not.toMatch(/\d[\d.]* times|\bns\b|×/);
    const record = readRecord(MAIN)!;
    const cells = /^\| a loop .*$/m.exec(part!)![0].split('|').slice(2, -1);
    expect(cells.length).toBe(GROUPS.length);
    const shapes = [...new Set(record.results.filter(({ op }) => op === 'softmax').map(({ shape }) => shape))];
    for (const shape of shapes) {
      const cell = cells[GROUPS.findIndex(({ has }) => has(shapeOf(shape)))]!;
      const [least, most = least] = cell.split(' to ').map(Number);
      const value = ratio(record, 'softmax', shape, 'loop', 'relaxed out')!;
      expect(value, shape).toBeGreaterThanOrEqual(0.94 * least!);
      expect(value, shape).toBeLessThanOrEqual(1.06 * most!);
    }
  });

  it('states the size of a bundle', () => {
    const row = /^\| everything of .*\| +(\d+ KB) \|$/m.exec(readFileSync(join(ROOT, 'docs/environments.md'), 'utf8'))!;
    expect(text).toContain(`A bundle with all functions has ${row[1]} gzipped.`);
  });
});
