import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the numeric functions of assembly claim above themselves. They are found by their names, in whatever file they stand. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A line of a doc comment: `@ulp 1.4 T is no power of two`. */
export interface Claim {
  unit: 'ulp' | 'relative';
  bound: number;
  condition: string;
}

interface Source {
  file: string;
  /** The comment above it, and from its name to its end. */
  comment: string;
  text: string;
}

const FUNCTION = /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\s*)?(?:\/\/[^\n]*\n|@inline\s+)*export function (\w+)([^]*?)\n\}/g;

/** Every exported function of assembly by its name. */
export function readSources(): Map<string, Source> {
  const folder = path.join(ROOT, 'assembly');
  const sources = new Map<string, Source>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.startsWith('clickhouse')) continue;
    const text = readFileSync(path.join(folder, file), 'utf8');
    for (const [, comment = '', name, body] of text.matchAll(FUNCTION)) {
      sources.set(name, { file: `./${file.slice(0, -3)}`, comment, text: body });
    }
  }
  return sources;
}

export function claimsOf({ comment }: Source): Claim[] {
  return Array.from(comment.matchAll(/^\s*\*\s+@(ulp|relative) (\S+)(.*)$/gm), ([, unit, bound, condition]) => ({
    unit: unit as Claim['unit'],
    bound: Number(bound),
    condition: condition.trim(),
  }));
}

/** Functions that evaluate a polynomial, step by step. */
export function evaluatesPolynomial({ text }: Source): boolean {
  return (text.match(/\b(?:madd|step)\(p\d?, /g)?.length ?? 0) >= 3;
}
