import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

// Nothing runs at import: no module of an entry does anything but declare.

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
/** What is started, not imported. */
const PROGRAMS = [/^cli\//, /^pool\/worker\.ts$/];

const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /(?<!\.d)\.ts$/.test(file) && !PROGRAMS.some((of) => of.test(file)));

/** The calls and assignments that run when the module does, but for those marked pure, which a bundler drops too. */
function runsAtImport(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isPropertyDeclaration(node) && !node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword))
      return;
    const runs = ts.isCallExpression(node) || ts.isNewExpression(node);
    if (runs && !/@__PURE__/.test(node.getFullText())) found.push(node.getText());
    else node.forEachChild(visit);
  };
  for (const statement of source.statements) {
    if (ts.isExpressionStatement(statement) || ts.isBlock(statement)) found.push(statement.getText());
    else visit(statement);
  }
  return found;
}

describe('nothing runs at import of', () => {
  it.each(FILES)('src/%s', (file) => expect(runsAtImport(file)).toEqual([]));

  it('any entry', () => {
    for (const file of ['index.ts', 'scalar.ts', 'wasm/load.ts']) expect(FILES).toContain(file);
  });
});
