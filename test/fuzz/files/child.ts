import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fuzz, type Case, type Part } from '../child.js';
import { below, mutant, pick } from './mutate.js';
import { fault } from './run.js';
import { SEEDS, type Format } from './seeds.js';
import { WAYS, type Way } from './ways.js';

function caseOf(bytes: Buffer, way: Way, piped: boolean, folder: string): Case {
  return {
    bytes,
    ending: way.format,
    how: `${way.args.join(' ')}${piped ? ' through a pipe' : ''}`,
    run: () => fault(folder, way, bytes, piped),
  };
}

const files: Part = {
  /** The corpus and the valid files themselves, in every way. */
  first(corpus, folder) {
    const known = readdirSync(corpus)
      .filter((name) => name.startsWith('files-'))
      .map((name) => ({
        format: extname(name).slice(1),
        bytes: readFileSync(join(corpus, name)),
      }));
    const valid = Object.entries(SEEDS).flatMap(([format, seeds]) => seeds.map((bytes) => ({ format, bytes })));
    return [...known, ...valid].flatMap(({ format, bytes }) =>
      WAYS.filter((way) => way.format === format).flatMap((way) =>
        (way.fileOnly ? [false] : [false, true]).map((piped) => caseOf(bytes, way, piped, folder)),
      ),
    );
  },
  next(chance, folder) {
    const format = pick<Format>(chance, ['npy', 'npy', 'npz', 'arrow', 'arrow', 'rowbinary']);
    const way = pick(
      chance,
      WAYS.filter((way) => way.format === format),
    );
    return caseOf(mutant(chance, format), way, below(chance, 3) === 0 && !way.fileOnly, folder);
  },
};

await fuzz(files);
