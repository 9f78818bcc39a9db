// Builds dist/: the wasm modules from assembly/, the bytes of two inlined, the TypeScript compiled, the SQL of the third.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportsSource, sqlFiles } from './clickhouse-sql.mjs';
import { bytesSource, decideSource } from './inline-modules.mjs';
import { prune } from './prune.mjs';
import { thirdParty } from './third-party.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
if (!existsSync('node_modules/assemblyscript')) {
  console.error('The build needs the development dependencies: run `npm ci` first.');
  process.exit(1);
}
const { default: asc } = await import('assemblyscript/asc');
const { bundleCli, bundleLibrary, writeWorker } = await import('./bundle.mjs');

rmSync('dist', { recursive: true, force: true });
mkdirSync('build', { recursive: true });

const tiers = ['simd', 'relaxed'];
for (const tier of tiers) await compile('assembly/index.ts', tier);
writeFileSync('assembly/clickhouse/functions.ts', exportsSource());
await compile('assembly/clickhouse/index.ts', 'clickhouse');
await compile('assembly/reader/index.ts', 'reader');
const [simd, relaxed, reader] = [...tiers, 'reader'].map((name) => readFileSync(`build/${name}.wasm`));
writeFileSync('src/wasm/bytes.ts', bytesSource(simd, relaxed, reader));
await compile('assembly/decide/index.ts', 'decide');
writeFileSync('src/wasm/decide-bytes.ts', decideSource(readFileSync('build/decide.wasm'), simd));

const worker = await writeWorker();

const require = createRequire(import.meta.url);
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.json'], { stdio: 'inherit' });
// workerd compiles imported modules only. Its entries differ in one file that they reach, by a relative path like all
// others, so that the files work in a browser as they are: an import map knows nothing of workers.
derive('dist/index', './wasm/load', './wasm/decisions');
derive('dist/pool/index', './pool');
derive('dist/pool/pool', '../wasm/load', '../wasm/decisions');
derive('dist/wasm/load', './modules');
for (const name of [...tiers, 'reader', 'decide'])
  copyFileSync(`build/${name}.wasm`, path.join('dist/wasm', `${name}.wasm`));
mkdirSync('dist/clickhouse', { recursive: true });
copyFileSync('build/clickhouse.wasm', 'dist/clickhouse/softmax.wasm');
for (const [name, sql] of sqlFiles(readFileSync('build/clickhouse.wasm'))) {
  writeFileSync(path.join('dist/clickhouse', name), sql);
}
writeFileSync('dist/pool/worker.js', worker);
const bundled = await bundleCli();
await bundleLibrary();
chmodSync('dist/cli/main.js', 0o755);
prune();
writeFileSync('dist/THIRD-PARTY.md', thirdParty(bundled));
for (const file of ['dist/index.d.ts', 'dist/scalar.d.ts']) stripFunctionTags(file);

/** `@function` tells TypeDoc what a constant is; an editor would show it as an empty tag. */
function stripFunctionTags(file) {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll(/\n \* @function$| @function(?= \*\/)/gm, ''));
}

async function compile(entry, target) {
  const { error, stderr } = await asc.main([entry, '--target', target]);
  const said = stderr.toString();
  if (error || said.includes('WARNING')) console.error(said);
  if (error) throw error;
}

/** Writes FILE.workerd.js: FILE.js with the imports of some modules' workerd variants. */
function derive(file, ...modules) {
  let text = readFileSync(`${file}.js`, 'utf8');
  for (const module of modules) {
    const parts = text.split(`'${module}.js'`);
    if (parts.length !== 2) throw new Error(`${file}.js imports ${module}.js ${parts.length - 1} times`);
    text = parts.join(`'${module}.workerd.js'`);
  }
  writeFileSync(`${file}.workerd.js`, text);
}
