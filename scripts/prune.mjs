// Removes from dist/ what no entry of package.json reaches: declarations of internal files, modules of types alone.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

export function prune() {
  const { bin, exports, main } = JSON.parse(readFileSync('package.json', 'utf8'));
  const reached = new Set();
  for (const entry of strings([bin, exports, main])) visit(join(entry), reached);
  for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && !reached.has(file)) rmSync(file);
  }
}

/** All strings in a tree of objects: the paths, whatever the conditions that lead to them. */
function strings(value) {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(strings);
}

/** Adds a file and what it imports; a declaration imports the declarations of the modules it names. */
function visit(file, reached) {
  if (reached.has(file)) return;
  reached.add(file);
  if (!/\.[jt]s$/.test(file)) return;
  for (const [, to] of readFileSync(file, 'utf8').matchAll(
    /\b(?:from|import|require)\s*\(?\s*['"`](\.[^'"`]+)['"`]/g,
  )) {
    const target = join(dirname(file), to);
    visit(file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target, reached);
  }
}
