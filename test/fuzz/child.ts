// What a fuzzing process has in common with others: it works on one case after the other, says so to the process that
// watches it (scripts/check/fuzz.mjs), and ends when its time is over. A case that takes too long or too much memory is
// ended from there, so each is written down before it runs.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { random } from '../inputs.js';

/** Something that is tried once. */
export interface Case {
  /** What makes it again, as a file of the corpus, with this ending. */
  readonly bytes: Uint8Array;
  readonly ending: string;
  /** How it was run, for people. */
  readonly how: string;
  /** Null where all is as it must be, else what is not. */
  run(): Promise<string | null>;
}

export interface Part {
  /** Cases that must hold whatever chance brings: those of the corpus first. */
  first(corpus: string, folder: string): Case[];
  next(chance: () => number, folder: string): Case;
}

/** What the watching process is told. */
export type Said =
  { readonly begun: string } | { readonly fault: string; readonly ending: string } | { readonly done: number };

const MB = 1 << 20;
/** What a case may take above all that came before it: the inputs are of some KB. */
const MOST_MB = 400;

/** argv: a folder for files, the corpus, a seed, the number of the first case, seconds. */
export async function fuzz(part: Part): Promise<void> {
  const [folder = '', corpus = '', seed, begin, seconds] = process.argv.slice(2);
  const end = performance.now() + 1000 * Number(seconds);
  const known = Number(seed) === 0 ? part.first(corpus, folder) : [];
  for (let i = Number(begin); ; i++) {
    const given = known[i];
    if (given === undefined && (known.length > 0 || performance.now() > end)) break;
    // Each case follows from the seed and its number alone.
    const item = given ?? part.next(random(Math.imul(Number(seed), 0x9e3779b1) ^ i), folder);
    writeFileSync(join(folder, 'case'), item.bytes);
    say({ begun: `${item.ending} ${item.how}` });
    const fault = (await item.run()) ?? memoryFault();
    say(fault === null ? { done: i } : { fault, ending: item.ending });
    // What failed stays where it is; another process goes on behind it.
    if (fault !== null) break;
  }
  process.disconnect();
}

function say(message: Said): void {
  process.send!(message);
}

function memoryFault(): string | null {
  const used = process.memoryUsage().rss / MB;
  return used < MOST_MB ? null : `it took ${used.toFixed(0)} MB`;
}
