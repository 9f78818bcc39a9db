import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

// The documentation of every public function: complete, and its example gives what it says.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Inside the package, so that `softmax-simd` is the package itself. */
const FOLDER = join(ROOT, 'build/examples');
mkdirSync(FOLDER, { recursive: true });

const { name: PACKAGE, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  exports: Record<string, string | { types: string }>;
};
/** The import specifier of each entry with types, and its source. */
const ENTRIES = Object.entries(exports).flatMap(([key, target]) =>
  typeof target === 'string'
    ? []
    : [[PACKAGE + key.slice(1), join(ROOT, target.types.replace(/^\.\/dist\/(.*)\.d\.ts$/, 'src/$1.ts'))] as const],
);

interface Documented {
  title: string;
  entry: string;
  summary: string;
  /** What is shown before it is called: in a list of completions, in an index. */
  short: string;
  parameters: string[];
  returns: boolean;
  tags: { name: string; text: string }[];
}

const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile) as { config: { include: [] } };
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
const program = ts.createProgram(
  ENTRIES.map(([, file]) => file),
  options,
);
const checker = program.getTypeChecker();
const textOf = (parts: ts.SymbolDisplayPart[] | undefined): string => ts.displayPartsToString(parts);

/** `alloc` of `createEngine().alloc`. */
const nameOf = (title: string): string => title.split('.').at(-1)!;

/** Functions among the exports of an entry, and among the members of the interfaces that they return. */
function functionsOf(entry: string, file: string): Documented[] {
  const source = program.getSourceFile(file)!;
  const values = checker
    .getExportsOfModule(checker.getSymbolAtLocation(source)!)
    .filter(({ flags }) => flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable));
  return values.flatMap((symbol) => {
    const type = checker.getTypeOfSymbolAtLocation(symbol, source);
    const made = type.getCallSignatures().flatMap((signature) => methodsOf(signature.getReturnType()));
    return [
      ...describeFunction(entry, symbol.name, symbol, type),
      ...made.flatMap((member) =>
        describeFunction(entry, `${symbol.name}().${member.name}`, member, checker.getTypeOfSymbol(member)),
      ),
    ];
  });
}

/** The functions that this package declares in a type, or in what a promise is of. */
function methodsOf(type: ts.Type): ts.Symbol[] {
  const sources = join(ROOT, 'src');
  return (checker.getAwaitedType(type) ?? type)
    .getProperties()
    .filter(({ declarations }) => declarations?.some((of) => of.getSourceFile().fileName.startsWith(sources)))
    .filter((member) => checker.getTypeOfSymbol(member).getCallSignatures().length > 0);
}

function describeFunction(entry: string, title: string, symbol: ts.Symbol, type: ts.Type): Documented[] {
  const short = textOf(symbol.getDocumentationComment(checker));
  const [first, ...others] = type.getCallSignatures();
  // Of half floats, say: a sentence that says what differs.
  for (const other of others) {
    expect(textOf(other.getDocumentationComment(checker)), title).toMatch(
      /^Of (half floats|a Float16Array|options)[^]*\.$/,
    );
  }
  return [first].map((signature) => {
    const ofSignature = textOf(signature.getDocumentationComment(checker));
    const tags = signature.getJsDocTags().length > 0 ? signature.getJsDocTags() : symbol.getJsDocTags(checker);
    return {
      title,
      entry,
      short,
      summary: ofSignature || short,
      parameters: signature.getParameters().map(({ name }) => name),
      returns: !(signature.getReturnType().flags & ts.TypeFlags.Void),
      tags: tags.map(({ name, text }) => ({ name, text: textOf(text) })),
    };
  });
}

/** `EXPRESSION; // VALUE` becomes a call that prints both: VALUE is what the comment says, numbers as they are written. */
function instrument(entry: string, example: string): { code: string; said: number } {
  const source = ts.createSourceFile('example.ts', example, ts.ScriptTarget.Latest, true);
  let code = `import { ${namesOf(entry).join(', ')} } from '${entry}';\n{\n`;
  let said = 0;
  source.statements.forEach((statement) => {
    const after = example.slice(statement.end).split('\n')[0]!;
    const value = /^ *\/\/ (.*)$/.exec(after)?.[1];
    if (ts.isExpressionStatement(statement) && value !== undefined) {
      said++;
      const expression = statement.expression.getText();
      code += `console.log(JSON.stringify([${JSON.stringify(value)}, plain(await (${expression}))]));\n`;
    } else code += `${statement.getText()}\n`;
  });
  code += `}
function plain(v) {
  if (ArrayBuffer.isView(v)) return Array.from(v, plain);
  if (typeof v === 'number' && !Number.isFinite(v)) return String(v);
  if (v === null || typeof v !== 'object') return v;
  return Object.fromEntries(Object.entries(v).map(([key, of]) => [key, plain(of)]));
}\n`;
  return { code, said };
}

function namesOf(entry: string): string[] {
  const file = ENTRIES.find(([of]) => of === entry)![1];
  const symbol = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
  const values = checker.getExportsOfModule(symbol).filter(({ flags }) => flags & ts.SymbolFlags.Value);
  return values.map(({ name }) => name);
}

/** `[0.09, -20]` with numbers that match what rounds to the digits written. */
function parseSaid(text: string): unknown {
  const json = text
    .replace(/'([^']*)'/g, '"$1"')
    .replace(/(\w+):/g, '"$1":')
    .replace(/(?<!["\w.])-?\d[\d.]*(?:e-?\d+)?(?!["\w])/g, '{"number":"$&"}');
  return JSON.parse(json, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !('number' in value)) return value;
    const [, decimals = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e(-?\d+))?$/.exec(value.number as string)!;
    return expect.closeTo(Number(value.number), decimals.length - Number(exponent)) as unknown;
  });
}

const ALL = ENTRIES.flatMap(([entry, file]) => functionsOf(entry, file));
const OPERATIONS = ALL.filter(({ entry }) => entry === PACKAGE).map(({ title }) => title);
/** A pool's operations are those of the main entry as promises: they say so, once for all. */
const FUNCTIONS = ALL.filter(({ entry, title }) => !(entry.endsWith('/pool') && OPERATIONS.includes(nameOf(title))));

describe('documentation', () => {
  it('begins with a line that lists can show', () => {
    for (const { title, short } of ALL) expect(short, title).toMatch(/\.$/);
  });

  it('is of all functions of all entries', () => {
    const titles = FUNCTIONS.filter(({ entry }) => entry === PACKAGE).map(({ title }) => title);
    for (const title of ['softmax', 'crossEntropyWithGrad', 'createEngine', 'backend', 'createEngine().alloc']) {
      expect(titles).toContain(title);
    }
    expect(ENTRIES.map(([entry]) => entry)).toContain(`${PACKAGE}/scalar`);
  });

  describe.each(ENTRIES.map(([entry]) => entry))('%s', (entry) => {
    const functions = FUNCTIONS.filter((of) => of.entry === entry);

    it.each(functions.map((of) => [of.title, of] as const))('%s', (title, { summary, parameters, returns, tags }) => {
      expect(summary).toMatch(/\.$/);
      const ofName = (name: string) => tags.filter((tag) => tag.name === name);
      expect(ofName('param').map(({ text }) => text.split(' ')[0])).toEqual(parameters);
      expect(ofName('returns').length).toBe(returns ? 1 : 0);
      for (const { text } of ofName('throws')) expect(text).toMatch(/^(TypeError|RangeError|Error) for /);
      // What takes an argument may refuse it.
      if (parameters.length > 0) expect(ofName('throws').map(({ text }) => text.split(' ')[0])).toContain('TypeError');
      expect(ofName('example').length, title).toBe(1);
    });
  });
});

describe('examples', () => {
  // An engine's functions have the documentation, and the example, of the entry's.
  const examples = FUNCTIONS.map(({ entry, title, tags }) => ({
    name: `${entry}: ${title}`,
    entry,
    text: tags.find(({ name }) => name === 'example')?.text ?? '',
  })).filter(({ entry, text }, at, all) => at === all.findIndex((of) => of.entry === entry && of.text === text));

  it.each(examples.map((of) => [of.name, of] as const))('%s', (name, { entry, text }) => {
    const { code, said } = instrument(entry, text);
    const file = join(FOLDER, `${name.replace(/\W+/g, '-')}.mjs`);
    writeFileSync(file, code);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
    if (status !== 0) expect.fail(`exit code ${status}: ${stderr}`);
    const lines = stdout.split('\n').slice(0, -1);
    expect(lines.length).toBe(said);
    for (const line of lines) {
      const [value, got] = JSON.parse(line) as [string, unknown];
      expect(got, value).toEqual(parseSaid(value));
    }
  });

  it('most of them say what they give', () => {
    const silent = examples.filter(({ entry, text }) => instrument(entry, text).said === 0).map(({ name }) => name);
    expect(silent).toEqual([`${PACKAGE}: backend`]);
  });
});
