// What the build makes of modules: the worker as one script, the command line as one file, the library as a few.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

/** Files of dist/ that are bundles of their own. */
const KEPT = ['dist/cli/main.js', 'dist/pool/worker.js'];
/** The modules one by one, for tests that want what no entry exports. */
const LIB = 'build/lib';

/**
 * The pool's worker as one classic script, which src/pool/worker-source.ts of `tree` gets as a string: a worker that had a URL
 * of its own would be lost by bundlers. Returns it.
 */
export async function writeWorker(tree = '.') {
  const worker = await rolldown({ cwd: path.resolve(tree), input: 'src/pool/worker.ts', platform: 'neutral' });
  const { output } = await worker.generate({ format: 'iife', minify: true });
  const { code } = output[0];
  writeFileSync(
    path.join(tree, 'src/pool/worker-source.ts'),
    `// Made by scripts/build.mjs from worker.ts.\nexport const source: string = ${JSON.stringify(code)};\n`,
  );
  return code;
}

/** The command line as one file, half the bytes; our library that it calls stays outside. Returns the modules in it. */
export async function bundleCli(input = 'dist/cli/main.js') {
  const external = [/^node:/, 'apache-arrow', '../index.js', '../pool/index.js'];
  const cli = await rolldown({ input, platform: 'node', external });
  const { output } = await cli.write({ file: 'dist/cli/main.js', format: 'esm', minify: true, codeSplitting: false });
  return output[0].moduleIds;
}

/** The library as a few files: a program that imports it loads 3 modules instead of 63, in a third of the time. */
export async function bundleLibrary() {
  rmSync(LIB, { recursive: true, force: true });
  cpSync('dist', LIB, { recursive: true });
  for (const file of readdirSync('dist', { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.js') && !KEPT.includes(path.join('dist', file))) rmSync(path.join('dist', file));
  }
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const entries = ['.', './scalar', './pool'].map((entry) => exports[entry]);
  const modules = entries.flatMap((entry) => [entry.default, entry.workerd]).filter((file) => file !== undefined);
  const library = await rolldown({
    input: inputOf(modules),
    platform: 'neutral',
    preserveEntrySignatures: 'allow-extension',
    external: /\.wasm$/,
    treeshake: { moduleSideEffects: false },
  });
  const { output } = await library.write({ ...OUTPUT, dir: 'dist' });
  for (const { fileName } of output) {
    const file = path.join('dist', fileName);
    writeFileSync(file, inLines(readFileSync(file, 'utf8')));
  }
}

/** A line for each statement and each member of a class: Node shows the line that an error comes from, else the whole file. */
function inLines(/** @type {string} */ code) {
  const starts = parseAst(code).body.flatMap((statement) => [statement.start, ...membersOf(statement)]);
  const breaks = [...new Set(starts)].filter((at) => at > 0).sort((a, b) => a - b);
  return [0, ...breaks].map((at, i) => code.slice(at, breaks[i])).join('\n');
}

/** Where the members of the classes begin that a statement declares, in variables too. */
function membersOf(/** @type {any} */ { type, body, declarations, declaration }) {
  if (type === 'ClassDeclaration' || type === 'ClassExpression') return body.body.map((member) => member.start);
  if (type.startsWith('Export') && declaration) return membersOf(declaration);
  return (declarations ?? []).flatMap(({ init }) => (init ? membersOf(init) : []));
}

/** @type {import('rolldown').OutputOptions} */
const OUTPUT = {
  entryFileNames: '[name].js',
  chunkFileNames: 'lib/[name].js',
  minify: true,
  comments: { annotation: true, jsdoc: false, legal: false },
  codeSplitting: {
    includeDependenciesRecursively: false,
    groups: [
      { name: 'worker-source', test: /worker-source\.js$/ },
      // All that the scalar entry is without, and what is workerd's own. Each file more takes 0.65 ms to load.
      { name: 'load.workerd', test: /\/wasm\/.*\.workerd\.js$/ },
      { name: 'load', test: /\/wasm\// },
    ],
  },
};

/** The entries by the names of their bundles. */
function inputOf(/** @type {string[]} */ modules) {
  const nameOf = (/** @type {string} */ file) => path.relative('dist', file).slice(0, -'.js'.length);
  return Object.fromEntries(modules.map((file) => [nameOf(file), file.replace('dist', LIB)]));
}
