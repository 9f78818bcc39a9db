import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../cli/npy-bytes.js';
import { fault as callFault } from './calls/run.js';
import { fault } from './files/run.js';
import { WAYS } from './files/ways.js';

// What has failed once (npm run check -- fuzz). Files: exit code 2, or the right rows.

const corpus = fileURLToPath(new URL('./corpus', import.meta.url));
const { folder } = temporaryFolder();

describe('files', () => {
  const names = readdirSync(corpus).filter((name) => name.startsWith('files-'));

  it.each(names)('%s', async (name) => {
    const bytes = readFileSync(join(corpus, name));
    const ways = WAYS.filter(({ format }) => `.${format}` === extname(name));
    expect(ways).not.toHaveLength(0);
    for (const way of ways) {
      expect(await fault(folder, way, bytes, false)).toBeNull();
      if (process.platform !== 'win32' && !way.fileOnly) expect(await fault(folder, way, bytes, true)).toBeNull();
    }
  });
});

// Random calls that have failed once, and a few that every run has.
describe('calls', () => {
  const known = readdirSync(corpus).filter((name) => name.startsWith('calls-'));
  const seeds = known.map((name) => (JSON.parse(readFileSync(join(corpus, name), 'utf8')) as { seed: number }).seed);

  it.each([...Array(32).keys(), ...seeds])('%i', (seed) => {
    expect(callFault(seed)).toBeNull();
  });
});
