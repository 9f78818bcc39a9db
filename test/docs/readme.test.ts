import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import katex from 'katex';
import MarkdownIt from 'markdown-it';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/ops/operations.js';
import { ABI } from '../../src/wasm/kernels.js';
import { FAULTS } from '../mutants/faults.mjs';
import { npyOf, temporaryFolder } from '../cli/npy-bytes.js';
import { npzOf } from '../cli/npz-bytes.js';
import { runCli } from '../cli/run-cli.js';

// Every code block of the documents runs. In js blocks a line that prints ends in a comment with what it prints.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Inside the package, so that `softmax-simd` is the package itself. */
const FOLDER = join(ROOT, 'build/readme');
mkdirSync(FOLDER, { recursive: true });

interface Block {
  language: string;
  line: number;
  text: string;
}

function blocksOf(document: string): Block[] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(({ 1: language, 2: code, index }) => ({
    language: language!,
    line: text.slice(0, index).split('\n').length,
    text: code!,
  }));
}

/** KaTeX throws for what it does not know, and for what TeX would only warn of. */
function runMath({ text }: Block): void {
  expect(katex.renderToString(text, { displayMode: true, strict: 'error' })).toContain('</math>');
}

const PRINTS = /^\s*console\.log\(.*\); \/\/ (.*)$/;

function runJs(document: string, { line, text }: Block): void {
  const file = join(FOLDER, `${document.replace(/\W/g, '-')}-${line}.mjs`);
  writeFileSync(file, text);
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) expect.fail(`${document}:${line}: exit code ${status}: ${stderr}`);
  const lines = text.split('\n');
  const expected = lines.map((of) => PRINTS.exec(of)?.[1]).filter((of) => of !== undefined);
  expect(lines.filter((of) => of.includes('console.log(')).length, 'lines that print say what').toBe(expected.length);
  expect(stdout.split('\n').slice(0, -1)).toEqual(expected);
}

const { folder, put } = temporaryFolder();
const { name, scripts, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  scripts: Record<string, string>;
  exports: { '.': { default: string } };
};

/** What docs/command-line.md names beside the logits: the same as axes, halves and members of a .npz, what takes part, names. */
function putBeside(): void {
  const [logits, labels] = ['logits.npy', 'labels.npy'].map((file) => readFileSync(join(folder, file)));
  put('batch.npz', npzOf({ 'logits.npy': logits!, 'labels.npy': labels! }, true));
  put('images.npy', npyOf('<f4', '(1, 3, 1, 2)', [2, 1, 1, 3, 0.1, 0.2]));
  put('bits.npy', npyOf('|V2', '(2, 3)', [0x4000, 0x3f80, 0x3dcd, 0x3f80, 0x4040, 0x3e4d]));
  put('mask.npy', npyOf('|b1', '(2, 3)', [1, 1, 0, 0, 1, 1]));
  put('starts.npy', npyOf('<i8', '(2,)', [0, 1]));
  put('ends.npy', npyOf('<i8', '(2,)', [3, 3]));
  put('classes.txt', Buffer.from('cat\nfox\nhen\n'));
}

/** The set-up commands are checked against package.json, those of the command line run over small files. */
function runSh(document: string, { text }: Block): void {
  const page = readFileSync(join(ROOT, document), 'utf8');
  put('logits.npy', npyOf('<f4', '(2, 3)', [2, 1, 0.1, 1, 3, 0.2]));
  put('labels.npy', npyOf('<i4', '(2,)', [0, 1]));
  putBeside();
  for (const command of text.trim().split('\n')) {
    if (command === `npm install ${name}`) continue;
    const setUp = /^(?:npm ci && )?npm (?:run )?(\w+)(?: -- --quick)?$/.exec(command);
    if (setUp) {
      const file = /(?:^node|vite --config) ([\w/.]+)$/.exec(scripts[setUp[1]!] ?? '')?.[1];
      expect(file, command).toBeDefined();
      expect(existsSync(join(ROOT, file!)), file).toBe(true);
      expect(scripts.prepare).toBe('npm run build');
      continue;
    }
    // These need a program and data of the reader's: test/cli/ and examples/clickhouse run them.
    if (/^clickhouse-client | \| /.test(command)) continue;
    const [npx, bin, ...args] = command.split(' ');
    expect([npx, bin], command).toEqual(['npx', name]);
    const { code, stdout, stderr } = runCli(folder, ...args);
    expect(code, command).toBe(0);
    expect(stderr, command).toMatch(/^(\S+: \d rows of 3 in .*, tier \w+, \d threads?\n)?$/);
    if (args[0] === 'cross-entropy' && !args.includes('--help')) expect(Number(stdout)).toBeCloseTo(0.29806708, 7);
    // The page shows the first line of names.
    if (args.includes('--names') && !args.includes('-o')) expect(page).toContain(`\`${stdout.split('\n')[0]}\``);
    args.forEach((arg, i) => {
      if (/\.npy$/.test(arg) && /^-/.test(args[i - 1]!)) expect(readdirSync(folder), command).toContain(arg);
    });
  }
}

/** Pages run in Chromium (test/consumers/page); here: the files that they name are there. */
function lookAtPage({ text }: Block): void {
  const files = [...text.matchAll(/'?"?\.\/node_modules\/softmax-simd\/([\w./]+)/g)].map(([, file]) => file!);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(existsSync(join(ROOT, file)), file).toBe(true);
  expect(`./${files[0]}`).toBe(exports['.'].default);
}

const pages = readdirSync(join(ROOT, 'docs')).filter((file) => file.endsWith('.md'));
/** Documents whose blocks need a program of the reader's, and where they run. */
const ELSEWHERE = {
  'docs/batch.md': 'test/cli/parallel.suite.ts, examples/executable-udf',
  'docs/clickhouse.md': 'test/clickhouse, examples/clickhouse',
};
const RUN = ['README.md', ...pages.map((file) => `docs/${file}`), 'examples/mnist/README.md'].filter(
  (document) => !(document in ELSEWHERE) && blocksOf(document).length > 0,
);

describe.each(RUN)('%s', (document) => {
  const blocks = blocksOf(document);

  it('has fenced blocks of known languages only', () => {
    const fences = readFileSync(join(ROOT, document), 'utf8').match(/^```/gm) ?? [];
    expect(fences.length).toBe(2 * blocks.length);
    for (const { language, line } of blocks) expect(['html', 'js', 'sh', 'math'], `line ${line}`).toContain(language);
  });

  const titled = blocks.map((block) => [block.line, block.language, block] as const);
  it.each(titled)('line %i, %s', (_line, language, block) => {
    if (language === 'sh') runSh(document, block);
    else if (language === 'js') runJs(document, block);
    else if (language === 'html') lookAtPage(block);
    else runMath(block);
  });
});

describe('the documents', () => {
  it('have code that is TypeScript too, but for the scripts of two workers', () => {
    // Of the raw modules TypeScript knows no exports, and the derivation is a script that makes tables.
    const typed = RUN.filter((document) => !/abi|derivation/.test(document));
    const files = typed.flatMap((document) =>
      blocksOf(document)
        .filter(({ language, text }) => language === 'js' && !/^\/\/ (worker\.js|A Cloudflare Worker)/.test(text))
        .map(({ line, text }) => {
          const file = join(FOLDER, `typed-${document.replace(/\W/g, '-')}-${line}.mts`);
          writeFileSync(file, text);
          return file;
        }),
    );
    expect(files.length).toBeGreaterThan(25);
    const program = ts.createProgram(files, {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      types: ['node'],
      strict: true,
      noEmit: true,
    });
    const found = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
      const line = file && file.getLineAndCharacterOfPosition(start!).line + 1;
      return `${file?.fileName.replace(/.*typed-/, '')}, line ${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
    expect(found).toEqual([]);
  });

  it('are all in their index', () => {
    const index = readFileSync(join(ROOT, 'docs/README.md'), 'utf8');
    for (const page of pages.filter((file) => file !== 'README.md')) expect(index).toContain(`[${page}](${page})`);
  });
});

/** As GitHub and typedoc make them: in lower case, punctuation left out, spaces as hyphens. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-');

const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'bench/RESULTS.md', 'test/conformance/README.md'],
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { encoding: 'utf8', recursive: true })
      .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
      .map((file) => `${folder}/${file}`),
  ),
];

// A link to a folder is none in the pages of typedoc.
describe('links', () => {
  const textOf = (document: string) => readFileSync(join(ROOT, document), 'utf8').replace(/^```[^]*?^```$/gm, '');

  it.each(documents)('of %s lead to files and headings that are there', (document) => {
    for (const [link, file, anchor] of textOf(document).matchAll(/\]\(([^)#:]*)(?:#([^)]*))?\)/g)) {
      const to = file ? join(document, '..', file) : document;
      expect(statSync(join(ROOT, to)).isFile(), link).toBe(true);
      if (anchor === undefined) continue;
      const headings = [...textOf(to).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!));
      expect(headings, link).toContain(anchor);
    }
  });
});

describe('docs/abi.md', () => {
  const text = readFileSync(join(ROOT, 'docs/abi.md'), 'utf8');

  it('names every export with its number of arguments', () => {
    const bytes = readFileSync(join(ROOT, 'dist/wasm/simd.wasm'));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    for (const [key, value] of Object.entries(exports)) {
      if (typeof value !== 'function') {
        expect(text, key).toContain(`| \`${key}\` `);
        continue;
      }
      const calls = [...text.matchAll(new RegExp(`\`${key}\\(([^)]*)\\)\``, 'g'))];
      expect(calls.length, key).toBeGreaterThan(0);
      for (const [call, list] of calls) expect(list!.split(',').length, call).toBe(value.length);
    }
  });

  it('names the operands and parameters that the declarations have', () => {
    expect(text).toContain(`immutable global i32: ${ABI};`);
    for (const { kernel, count } of OPERATIONS.filter(({ decision }) => decision === null)) {
      const row = new RegExp(`^\\| \`${kernel}\\(call\\)\` +\\| ([^|]*)`, 'm').exec(text);
      expect(row?.[1].split('; ').length, String(kernel)).toBe(count);
    }
  });
});

describe('docs/accuracy.md', () => {
  const text = readFileSync(join(ROOT, 'docs/accuracy.md'), 'utf8');

  it('counts the faults', () => {
    const counts = /code in (\d+) ways, one at a time: (\d+) caught/.exec(text)!.slice(1).map(Number);
    expect(counts).toEqual([FAULTS.length, FAULTS.length]);
  });
});

describe('docs/derivation.md', () => {
  const text = readFileSync(join(ROOT, 'docs/derivation.md'), 'utf8');
  /** The formulas between dollars, each with what stands before and after it. */
  const formulas = Array.from(text.replace(/^```[^]*?^```$/gm, '').matchAll(/(.?)\$([^$]+)\$(.?)/g));

  it('has inline formulas that are TeX', () => {
    expect(formulas.length).toBeGreaterThan(0);
    for (const [, , tex] of formulas) katex.renderToString(tex!, { strict: 'error' });
  });

  it('has inline formulas in which Markdown finds nothing', () => {
    // GitHub reads Markdown first: an escape, emphasis or a tag in a formula would be lost to it.
    const texts = new MarkdownIt('commonmark')
      .enable('table')
      .parse(text, {})
      .flatMap(({ children }) => children ?? [])
      .map(({ content }) => content);
    for (const [, , tex] of formulas)
      expect(
        texts.some((of) => of.includes(`$${tex}$`)),
        tex,
      ).toBe(true);
  });

  it('has dollars where GitHub takes them for those of a formula', () => {
    for (const [formula, before, , after] of formulas) {
      expect(before, formula).toMatch(/^[ (]?$/);
      expect(after, formula).toMatch(/^[ .,:;)]?$/);
    }
  });

  it('names functions that there are, by the file they are in', async () => {
    const all = (await import('../../src/index.js')) as object;
    const [, ...sections] = text.split(/^## /m);
    for (const section of sections.slice(0, -1)) {
      const [, computed] = /^Computed by ([^]*)$/m.exec(section) ?? expect.fail(section);
      const links = [...computed!.matchAll(/\[`(\w+)`\]\(\.\.\/(src\/ops\/[\w-]+\.ts)\)/g)];
      expect(links.length, section).toBeGreaterThan(0);
      for (const [, name, file] of links) {
        expect(Object.keys(all)).toContain(name);
        expect(readFileSync(join(ROOT, file!), 'utf8')).toMatch(new RegExp(`'${name}'`));
      }
    }
  });
});
