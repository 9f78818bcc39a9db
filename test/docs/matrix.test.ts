import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentTables, readMatrix } from '../../scripts/matrix.mjs';
import { BROWSERS } from '../browsers/browsers.mjs';
import { RUNTIMES, WORKERD } from '../runtimes/runtimes.mjs';
import { fileOf, leftOut } from '../runtimes/suites.mjs';

// The support matrix is what npm run check -- runtimes and npm run check -- browsers found, and the document's is the same.

interface Matrix {
  runtimes: { name: string; version: string; tiers: string[] }[];
  environments: { where: string; runtime: string; tier: string }[];
}

const ALL: { name: string; tiers: string[] }[] = [...RUNTIMES, WORKERD, ...BROWSERS];
const matrix = readMatrix() as Matrix;

describe('the support matrix', () => {
  it('has every runtime and browser, with the tiers that it is expected to have', () => {
    const expected = ALL.map(({ name, tiers }) => [name, tiers]);
    expect(matrix.runtimes.map(({ name, tiers }) => [name, tiers]).sort()).toEqual(expected.sort());
  });

  it('has an environment of each, and of no other', () => {
    const names = matrix.environments.map(({ runtime }) => runtime);
    expect([...new Set(names)].sort()).toEqual(ALL.map(({ name }) => name).sort());
  });

  it.each(Object.entries(documentTables(matrix)))('is in docs/environments.md: %s', (_part, table) => {
    const text = readFileSync(new URL('../../docs/environments.md', import.meta.url), 'utf8');
    expect(text).toContain(`\n${table}\n\n`);
  });
});

describe('the suites that are left out somewhere', () => {
  it.each(ALL.map(({ name, tiers }) => [name, tiers] as const))('of %s are there', (name, tiers) => {
    for (const suite of Object.keys(leftOut(name, tiers) as object)) {
      const folder = new URL(`../../${path.dirname(fileOf(suite))}/`, import.meta.url);
      const names = readdirSync(folder).filter((file) => file.endsWith('.test.ts'));
      const wanted = path.basename(fileOf(suite));
      expect(wanted === '*.test.ts' ? names.length > 0 : names.includes(wanted), suite).toBe(true);
    }
  });
});
