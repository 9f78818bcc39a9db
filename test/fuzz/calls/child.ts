import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, fuzz, type Part } from '../child.js';
import { fault } from './run.js';

/** A case is a number, from which everything about it follows. */
function caseOf(bytes: Buffer): Case {
  const { seed } = JSON.parse(bytes.toString()) as { seed: number };
  return { bytes, ending: 'json', how: `call ${seed}`, run: () => Promise.resolve(fault(seed)) };
}

const calls: Part = {
  first(corpus) {
    const known = readdirSync(corpus).filter((name) => name.startsWith('calls-'));
    const bytes = known.map((name) => readFileSync(join(corpus, name)));
    // Some of which nothing is known, so that a run without a corpus has tried each operation.
    const seeds = Array.from({ length: 64 }, (_, seed) => Buffer.from(JSON.stringify({ seed })));
    return [...bytes, ...seeds].map(caseOf);
  },
  next: (chance) => caseOf(Buffer.from(JSON.stringify({ seed: Math.floor(chance() * 2 ** 31) }))),
};

await fuzz(calls);
