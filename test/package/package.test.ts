import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import MarkdownIt from 'markdown-it';
import { publint } from 'publint';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pack } from '../../scripts/pack.mjs';
import { encoded, frequentBytes } from '../../scripts/inline-modules.mjs';
import { DECISIONS, OPS } from '../ops.mjs';

// The package as a user gets it: packed from dist/, installed in a project of its own without a network.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** CONTRACT section 5. */
const MOST_BYTES = 600_000;
const ENTRIES = [
  'dist/index.js',
  'dist/index.workerd.js',
  'dist/scalar.js',
  'dist/pool/index.js',
  'dist/pool/index.workerd.js',
  'dist/pool/worker.js',
  'dist/wasm/simd.wasm',
  'dist/wasm/relaxed.wasm',
  'dist/wasm/decide.wasm',
  'dist/wasm/reader.wasm',
  'dist/clickhouse/softmax.wasm',
  'dist/clickhouse/install.sql',
  'dist/clickhouse/functions-row-binary.sql',
  'dist/clickhouse/uninstall.sql',
  'dist/cli/main.js',
];
const TYPES = ['dist/index.d.ts', 'dist/scalar.d.ts', 'dist/pool/index.d.ts'];
const LOCKS = ['.', 'examples/clickhouse', 'test/browsers', 'test/node24', 'test/runtimes'].map((place) =>
  join(place, 'package-lock.json'),
);
const DOCUMENTS = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist/THIRD-PARTY.md', 'package.json'];
/** Of the folders that stand for entries where `exports` is not read. */
const MANIFESTS = ['pool', 'scalar'].map((place) => `${place}/package.json`);
/** What is bundled into the command line; each brings its own dependencies. */
const BUNDLED = ['cli-progress', 'yauzl'];

const folder = mkdtempSync(join(tmpdir(), 'softmax-simd-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const project = join(folder, 'project');
const installed = join(project, 'node_modules/softmax-simd');
const tarball = join(folder, `softmax-simd-${version}.tgz`);

function run(command: string, args: string[], cwd: string): SpawnSyncReturns<string> {
  const env: NodeJS.ProcessEnv = { ...process.env, npm_config_update_notifier: 'false', NO_COLOR: '1' };
  delete env.FORCE_COLOR;
  const answer = spawnSync(command, args, { cwd, encoding: 'utf8', shell: process.platform === 'win32', env });
  if (answer.error) throw answer.error;
  return answer;
}

function expectSuccess({ status, stdout, stderr }: SpawnSyncReturns<string>): string {
  if (status !== 0) expect.fail(`exit code ${status}: ${stdout}${stderr}`);
  return stdout;
}

function node(...args: string[]): string {
  return expectSuccess(run(process.execPath, args, project));
}

/** The command line of a development dependency. */
function tool(name: string, bin: string, args: string[], cwd = project): SpawnSyncReturns<string> {
  return run(process.execPath, [join(ROOT, 'node_modules', name, bin), ...args], cwd);
}

function put(name: string, text: string): string {
  writeFileSync(join(project, name), text);
  return name;
}

beforeAll(() => {
  if (!existsSync(join(ROOT, 'dist/index.js'))) throw new Error('dist/ is missing: npm run build makes it');
  mkdirSync(project);
  pack(folder);
  put('package.json', '{ "private": true, "type": "module" }');
  expectSuccess(run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], project));
});

/** The relative imports of one file: of a module its modules, of a declaration its declarations. */
function importsOf(file: string): string[] {
  if (!/\.[jt]s$/.test(file)) return [];
  const text = readFileSync(join(installed, file), 'utf8');
  return [...text.matchAll(/\b(?:from|import|require)\s*\(?\s*['"](\.[^'"]+)['"]/g)].map(([, to]) => {
    const target = join(dirname(file), to!);
    return file.endsWith('.d.ts') ? target.replace(/\.js$/, '.d.ts') : target;
  });
}

function reach(...entries: string[]): Set<string> {
  const reached = new Set<string>(entries);
  for (const file of reached) for (const next of importsOf(file)) reached.add(next);
  return reached;
}

/** Whether a bundle of an entry has one of the modules inlined. */
async function bundlesBytes(entry: string): Promise<boolean> {
  const bundle = await rolldown({ input: join(installed, entry), platform: 'neutral', external: /\.wasm$/ });
  const { output } = await bundle.generate({ codeSplitting: false });
  await bundle.close();
  const bytesOf = (name: string) => readFileSync(join(installed, `dist/wasm/${name}.wasm`));
  const begin = (name: string) => encoded(bytesOf(name).subarray(0, 40), frequentBytes(bytesOf('simd')));
  return ['decide', 'reader', 'simd'].some((name) => output[0].code.includes(begin(name)));
}

describe('the packed files', () => {
  const contents = () =>
    readdirSync(installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(installed, join(entry.parentPath, entry.name)))
      .sort();

  it('are the entries, what those import, and the documents: nothing else', () => {
    const needed = reach(...ENTRIES, ...TYPES);
    expect(contents()).toEqual([...needed, ...DOCUMENTS, ...MANIFESTS].sort());
    expect(contents().length).toBeGreaterThan(40);
  });

  it(`have less than ${MOST_BYTES} bytes`, () => {
    const bytes = contents().map((file) => statSync(join(installed, file)).size);
    expect(bytes.reduce((a, b) => a + b)).toBeLessThan(MOST_BYTES);
  });

  it('have a README whose links lead to its own headings, and that has no picture', () => {
    const page = readFileSync(join(installed, 'README.md'), 'utf8');
    const tokens = new MarkdownIt({ html: true })
      .parse(page, {})
      .flatMap((token) => [token, ...(token.children ?? [])]);
    const headings = Array.from(
      page.matchAll(/^#+ (.*)$/gm),
      ([, title]) => `#${title!.toLowerCase().replaceAll(' ', '-')}`,
    );
    for (const token of tokens.filter(({ type }) => type === 'link_open')) {
      expect(headings).toContain(token.attrGet('href'));
    }
    expect(tokens.filter(({ type }) => type === 'image')).toEqual([]);
    expect(tokens.filter(({ type, content }) => type.startsWith('html') && !/^<!--/.test(content))).toEqual([]);
    // What it says is what the repository's says.
    const whole = readFileSync(join(ROOT, 'README.md'), 'utf8');
    for (const { content } of tokens.filter(({ type }) => type === 'fence')) expect(whole).toContain(content);
    expect(page).toContain('docs/recipes.md');
    expect(page).toContain('The pages in docs/ are in the repository, not in the installed package.');
  });

  it('have lines so short that an error is seen beside the one that Node shows of them', () => {
    const wrong = "import { softmax } from 'softmax-simd'; softmax([1, 2], 2);";
    const cwd = join(installed, '../..');
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', wrong], { cwd, encoding: 'utf8' });
    expect(stderr).toContain('TypeError: softmax: expected logits to be a Float32Array');
    expect(stderr.length).toBeLessThan(2000);
  });

  it('hold the licence of every bundled library', () => {
    const page = readFileSync(join(installed, 'dist/THIRD-PARTY.md'), 'utf8');
    const found = new Map<string, string>();
    const visit = (name: string, from: string) => {
      const inner = join(from, 'node_modules', name);
      const place = existsSync(inner) ? inner : join(ROOT, 'node_modules', name);
      const manifest = readFileSync(join(place, 'package.json'), 'utf8');
      const { version, dependencies } = JSON.parse(manifest) as { version: string; dependencies?: object };
      const licence = readdirSync(place).find((file) => /^licen[cs]e/i.test(file))!;
      found.set(`${name} ${version}`, readFileSync(join(place, licence), 'utf8').trim());
      for (const dependency of Object.keys(dependencies ?? {})) visit(dependency, place);
    };
    for (const name of BUNDLED) visit(name, ROOT);
    expect(Array.from(page.matchAll(/^## (.*)$/gm), ([, title]) => title!)).toEqual([...found.keys()].sort());
    for (const licence of found.values()) expect(page).toContain(licence);
  });

  it('have no empty tags in what an editor shows of the functions', () => {
    for (const file of TYPES) expect(readFileSync(join(installed, file), 'utf8'), file).not.toContain('@function');
  });

  it('hold each wasm module once as it is, and inlined simd once and of relaxed what differs', () => {
    const start = Buffer.from('0061736d01000000', 'hex');
    const bytesOf = (name: string) => readFileSync(join(installed, `dist/wasm/${name}.wasm`));
    const holders = (name: string) => {
      const text = encoded(bytesOf(name), frequentBytes(bytesOf('simd')));
      return contents().filter((file) => readFileSync(join(installed, file)).includes(text));
    };
    expect(holders('simd')).toEqual(['dist/lib/load.js']);
    expect(holders('relaxed')).toEqual([]);
    expect(holders('decide')).toEqual(['dist/lib/load.js']);
    // Few bytes are two characters; a fifth of relaxed is its own, and there is the code that calls them.
    const sizeOf = (name: string) => statSync(join(installed, `dist/wasm/${name}.wasm`)).size;
    const inlined = sizeOf('simd') + sizeOf('relaxed') / 5 + sizeOf('reader') + sizeOf('decide');
    expect(statSync(join(installed, 'dist/lib/load.js')).size).toBeLessThan(inlined * 1.2 + 17_500);
    const raw = contents().filter((file) => readFileSync(join(installed, file)).subarray(0, 8).equals(start));
    const own = ['decide', 'reader', 'relaxed', 'simd'].map((name) => `dist/wasm/${name}.wasm`);
    expect(raw).toEqual(['dist/clickhouse/softmax.wasm', ...own]);
  });

  it('import each other by relative paths, as browsers and their workers read them without an import map', () => {
    const library = [...reach('dist/index.js', 'dist/pool/index.js', 'dist/scalar.js')];
    expect(library.length).toBe(7);
    for (const file of library) {
      const text = readFileSync(join(installed, file), 'utf8');
      expect(
        [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"]([^.][^'"]*)['"]/g)].map(([, to]) => to),
        file,
      ).toEqual([]);
    }
  });

  it('workerd gets an entry that imports the wasm files, and a bundle of it has not their inlined bytes', async () => {
    for (const [name, entry] of [
      ['softmax-simd', 'dist/index'],
      ['softmax-simd/pool', 'dist/pool/index'],
    ]) {
      const [usual, workerd] = [reach(`${entry}.js`), reach(`${entry}.workerd.js`)];
      const only = (files: Set<string>, others: Set<string>) => [...files].filter((file) => !others.has(file)).sort();
      expect(only(usual, workerd)).toEqual([`${entry}.js`]);
      const modules = ['decide', 'reader', 'relaxed', 'simd'].map((module) => `dist/wasm/${module}.wasm`);
      const own = [`${entry}.workerd.js`, 'dist/lib/load.workerd.js'];
      expect(only(workerd, usual)).toEqual([...own, ...modules].sort());
      expect(await bundlesBytes(`${entry}.js`)).toBe(true);
      expect(await bundlesBytes(`${entry}.workerd.js`)).toBe(false);
      const resolve = (...conditions: string[]) =>
        node(...conditions, '--input-type=module', '--eval', `console.log(import.meta.resolve('${name}'))`).trim();
      expect(resolve('--conditions=workerd')).toMatch(new RegExp(`/${entry}\\.workerd\\.js$`));
      expect(resolve()).toMatch(new RegExp(`/${entry}\\.js$`));
    }
  });

  it('pool imports nothing that browsers lack, and its worker imports nothing', () => {
    const files = [...reach('dist/pool/index.js')];
    expect(files.length).toBe(5);
    for (const file of [...files, 'dist/pool/worker.js']) {
      expect(readFileSync(join(installed, file), 'utf8')).not.toMatch(/(from|import\s*\(?|require\()\s*['"`]node:/);
    }
    const worker = readFileSync(join(installed, 'dist/pool/worker.js'), 'utf8');
    expect(worker).not.toMatch(/\b(import|export|require)\b/);
    const require = createRequire(join(project, 'none.js'));
    expect(Object.values(require(join(installed, 'dist/lib/worker-source.js')) as object)).toEqual([worker]);
  });

  it('main has nothing of the pool', () => {
    const textOf = (entry: string) =>
      [...reach(entry)].map((file) => readFileSync(join(installed, file), 'utf8')).join('\n');
    // Next.js refuses what compiles asynchronously in middleware, wherever in an imported file it stands.
    const signs = ['WebAssembly.compile', 'shared:!0', 'worker_threads', 'crossOriginIsolated', 'Atomics.wait'];
    const found = (text: string) => signs.filter((sign) => text.includes(sign));
    expect(found(textOf('dist/index.js'))).toEqual([]);
    expect(found(textOf('dist/pool/index.js'))).toEqual(signs);
  });

  it('are one copy: Node has the module by import and by require', () => {
    put(
      'one-copy.cjs',
      `const main = require('softmax-simd');
import('softmax-simd').then((module) => {
  console.log(module.softmax === main.softmax, require.resolve('softmax-simd'), require.resolve('softmax-simd/pool'));
});`,
    );
    const [same, ...files] = node('one-copy.cjs').trim().split(' ');
    expect(same).toBe('true');
    const expected = ['dist/index.js', 'dist/pool/index.js'];
    expect(files.map((file) => relative(installed, file).replaceAll('\\', '/'))).toEqual(expected);
  });

  it('resolve where `exports` is not read: main, and a folder for each other entry', () => {
    for (const [folder, entry] of Object.entries({ '.': 'index', scalar: 'scalar', pool: 'pool/index' })) {
      const place = join(installed, folder);
      const { main, types } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')) as Record<string, string>;
      expect(relative(installed, join(place, main!)).replaceAll('\\', '/')).toBe(`dist/${entry}.js`);
      expect(contents()).toContain(relative(installed, join(place, types!)));
    }
  });

  it('scalar reaches no wasm', () => {
    const simd = readFileSync(join(installed, 'dist/wasm/simd.wasm'));
    const begin = encoded(simd, frequentBytes(simd)).slice(0, 40);
    const files = [...reach('dist/scalar.js')];
    expect(files).toEqual(['dist/scalar.js', 'dist/lib/engine.js']);
    for (const file of files) expect(readFileSync(join(installed, file), 'utf8')).not.toContain(begin);
    expect(readFileSync(join(installed, 'dist/lib/load.js'), 'utf8')).toContain(begin);
    // The same walk finds the bytes where they are.
    expect([...reach('dist/index.js')]).toContain('dist/lib/load.js');
  });
});

describe('the manifest', () => {
  const manifest = () => JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<string, unknown>;

  it('asks for nothing at run time', () => {
    for (const kind of ['dependencies', 'optionalDependencies', 'bundleDependencies']) {
      expect(manifest()).not.toHaveProperty(kind);
    }
    // For the command line's Arrow streams only, and not installed unless asked for.
    expect(Object.keys(manifest().peerDependencies as object)).toEqual(['apache-arrow']);
    expect(manifest().peerDependenciesMeta).toEqual({ 'apache-arrow': { optional: true } });
    expect(readdirSync(join(project, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'softmax-simd',
    ]);
  });

  it('has nothing that only we need', () => {
    expect(Object.keys(manifest())).not.toContain('scripts');
    expect(Object.keys(manifest())).not.toContain('devDependencies');
  });

  it('is that of an ES module without side effects for Node from 20.19 on', () => {
    expect(manifest()).toMatchObject({
      name: 'softmax-simd',
      type: 'module',
      sideEffects: false,
      license: 'MIT',
      engines: { node: '>=20.19' },
    });
    expect(Object.keys(manifest().exports as object)).toEqual([
      '.',
      './scalar',
      './pool',
      './pool/worker.js',
      './wasm/simd.wasm',
      './wasm/relaxed.wasm',
      './wasm/decide.wasm',
      './wasm/reader.wasm',
      './clickhouse/softmax.wasm',
      './clickhouse/install.sql',
      './clickhouse/functions-row-binary.sql',
      './clickhouse/uninstall.sql',
      './package.json',
    ]);
  });

  it('has lock files without download addresses', () => {
    for (const lock of LOCKS) {
      const text = readFileSync(join(ROOT, lock), 'utf8');
      expect(text).toContain('"integrity"');
      expect(text).not.toMatch(/resolved|https?:\/\/[^"]*\.tgz/);
    }
  });

  it('satisfies publint', async () => {
    const { messages } = await publint({ pkgDir: installed, strict: true });
    // Node never takes the condition `require`, as it knows `module-sync`, which the tools do not: the types are its module's.
    const ours = (code: string, path: string[]) =>
      code === 'EXPORTS_TYPES_INVALID_FORMAT' && path.join(' ') === 'exports . types';
    expect(messages.filter(({ code, path }) => !ours(code, path))).toEqual([]);
  });

  it('satisfies Are the Types Wrong', () => {
    // Files of bytes, of SQL, and a script that nobody imports.
    const raw = ENTRIES.filter((entry) => /\.(wasm|sql)$|worker\.js$/.test(entry)).map((e) => e.replace('dist/', './'));
    const args = [tarball, '--profile', 'esm-only', '--no-definitely-typed'];
    args.push('--ignore-rules', 'false-esm', '--exclude-entrypoints', ...raw);
    expectSuccess(tool('@arethetypeswrong/cli', 'dist/index.js', args));
  });
});

describe('the installed package', () => {
  const check = `
const close = (a, b) => { if (!(Math.abs(a - b) < 1e-6)) throw new Error(a + ' is not ' + b); };
for (const entry of [main, scalar]) {
  close(entry.softmax(Float32Array.of(0, Math.log(3)), 2)[1], 0.75);
  close(entry.crossEntropyWithGrad(new Float32Array(4), Int32Array.of(2), 4).loss, Math.log(4));
}
console.log(JSON.stringify([main.backend().tier, scalar.backend().tier, Object.keys(main).sort(), Object.keys(scalar).sort()]));`;
  const names = ['backend', 'createEngine', 'init', ...OPS.map(({ name }) => name), ...DECISIONS].sort();
  const expectFound = (printed: string) => {
    const [tier, scalar, ofMain, ofScalar] = JSON.parse(printed) as [string, string, string[], string[]];
    expect(['relaxed', 'simd']).toContain(tier);
    expect([scalar, ofMain, ofScalar]).toEqual(['scalar', names, names]);
  };

  it('works by import', () => {
    put('esm.mjs', `import * as main from 'softmax-simd';\nimport * as scalar from 'softmax-simd/scalar';${check}`);
    expectFound(node('esm.mjs'));
  });

  it('works by require', () => {
    put('cjs.cjs', `const main = require('softmax-simd');\nconst scalar = require('softmax-simd/scalar');${check}`);
    expectFound(node('cjs.cjs'));
  });

  it('has the raw modules as entries, and takes one as init({ module })', () => {
    put(
      'raw.mjs',
      `import { readFileSync } from 'node:fs';
import { backend, createEngine, init } from 'softmax-simd';
for (const tier of ['simd', 'relaxed']) {
  const bytes = readFileSync(new URL(import.meta.resolve('softmax-simd/wasm/' + tier + '.wasm')));
  if (!WebAssembly.validate(bytes)) { console.log(tier, 'not here'); continue; }
  init({ module: new WebAssembly.Module(bytes) });
  console.log(tier, backend().tier, createEngine({ module: new WebAssembly.Module(bytes) }).tier);
}`,
    );
    const [simd, relaxed] = node('raw.mjs').trim().split('\n');
    expect(simd).toBe('simd simd simd');
    const bytes = readFileSync(join(installed, 'dist/wasm/relaxed.wasm'));
    expect(relaxed).toBe(WebAssembly.validate(bytes) ? 'relaxed relaxed relaxed' : 'relaxed not here');
  });

  it('has no other entries', () => {
    const require = createRequire(join(project, 'none.js'));
    expect(require.resolve('softmax-simd/package.json')).toMatch(/package\.json$/);
    for (const inner of ['dist/index.js', 'engine', 'wasm/bytes.js', 'cli/main.js']) {
      expect(() => require.resolve(`softmax-simd/${inner}`)).toThrow('not defined by "exports"');
    }
  });

  it('has a command, by npx and by its link', () => {
    expect(expectSuccess(run('npx', ['--offline', '--no-install', 'softmax-simd', '--version'], project)).trim()).toBe(
      version,
    );
    const link = join(project, 'node_modules/.bin/softmax-simd');
    expect(expectSuccess(run(link, ['--version'], project)).trim()).toBe(version);
    const answer = run(link, ['softmax', 'nothing.npy', '-o', 'probs.npy'], project);
    expect([answer.status, answer.stderr]).toEqual([2, expect.stringContaining('nothing.npy')]);
  });

  it('is typed, for Node and for bundlers, with and without the DOM', () => {
    put(
      'consumer.ts',
      `import { backend, createEngine, crossEntropyWithGrad, init, softmax, type Engine, type Tier } from 'softmax-simd';
import { createPool, type Pool } from 'softmax-simd/pool';
import { softmax as scalarSoftmax } from 'softmax-simd/scalar';
const pool: Pool = await createPool({ threads: 2, workerUrl: 'worker.js' });
const pooled: Float32Array<ArrayBuffer> = await pool.softmax(new Float32Array(6), 3, { temperature: 0.5 });
const pooledLoss: number = await pool.crossEntropy(pooled, new Int32Array(2), 3, { onProgress: (rows, total) => rows / total });
const pooledLosses: Float32Array = await pool.crossEntropy(pool.alloc(6), pool.allocInt32(2), 3, { reduction: 'none' });
// @ts-expect-error too large a result for threads
pool.softmaxJacobian(pooled, 3);
export { pooledLoss, pooledLosses };
const probs: Float32Array<ArrayBuffer> = softmax(new Float32Array(6), 3, { temperature: 0.5 });
const { loss, dlogits } = crossEntropyWithGrad(probs, new Int32Array(2), 3, { labelSmoothing: 0.1 });
const mean: number = loss;
const losses: Float32Array = crossEntropyWithGrad(probs, dlogits, 3, { reduction: 'none' }).loss;
const engine: Engine = createEngine({ tier: 'simd', arenaBytes: 1 << 20 });
const tier: Tier = engine.tier;
const reason: string | null = backend().reason;
init({ tier });
engine.free(engine.softmax(engine.alloc(4), 2));
scalarSoftmax(losses, 1, { out: losses });
export const all = [mean, reason];
// @ts-expect-error a plain array is no Float32Array
softmax([1, 2, 3], 3);
// @ts-expect-error no such tier
createEngine({ tier: 'fast' });
// @ts-expect-error no such reduction
crossEntropyWithGrad(probs, losses, 3, { reduction: 'average' });
`,
    );
    put(
      'consumer-dom.ts',
      `import { init } from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';
export const pin = (module: WebAssembly.Module) => init({ module });
const pool = await createPool({ workerUrl: new URL('worker.js', 'http://localhost') });
await pool.softmax(new Float32Array(6), 3, { signal: AbortSignal.timeout(1000) });
`,
    );
    put(
      'consumer-using.ts',
      `import { createPool } from 'softmax-simd/pool';
await using pool = await createPool();
export const { threads } = pool;
`,
    );
    const common = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--skipLibCheck',
      'false',
      '--target',
      'es2022',
    ];
    const nodenext = ['--module', 'nodenext', '--moduleResolution', 'nodenext'];
    const bundler = ['--module', 'esnext', '--moduleResolution', 'bundler'];
    for (const module of [nodenext, bundler]) {
      const compile = (lib: string, ...files: string[]) =>
        tool('typescript', 'bin/tsc', [...common, ...module, '--lib', lib, ...files]);
      expectSuccess(compile('es2022,dom', 'consumer.ts', 'consumer-dom.ts'));
      expectSuccess(compile('es2022', 'consumer.ts'));
      expectSuccess(compile('es2022,esnext.disposable', 'consumer-using.ts'));
    }
  });
});
