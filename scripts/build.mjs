// Builds dist/: the wasm modules from assembly/, the bytes of two inlined, the TypeScript compiled, the SQL of the third.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { sqlFiles } from './clickhouse-sql.mjs';
import { prune } from './prune.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
rmSync('dist', { recursive: true, force: true });
mkdirSync('build', { recursive: true });

const tiers = ['simd', 'relaxed'];
for (const tier of tiers) await compile('assembly/index.ts', tier);
await compile('assembly/clickhouse/index.ts', 'clickhouse');
const inlined = tiers.map((tier) => {
  const base64 = readFileSync(`build/${tier}.wasm`).toString('base64');
  // The annotation keeps the bytes out of the declaration.
  return `export const ${tier}: string =\n  '${base64}';\n`;
});
writeFileSync('src/wasm/bytes.ts', `// Made by scripts/build.mjs from assembly/.\n${inlined.join('')}`);

const require = createRequire(import.meta.url);
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.json'], { stdio: 'inherit' });
mkdirSync('dist/wasm', { recursive: true });
for (const tier of tiers) copyFileSync(`build/${tier}.wasm`, path.join('dist/wasm', `${tier}.wasm`));
mkdirSync('dist/clickhouse', { recursive: true });
copyFileSync('build/clickhouse.wasm', 'dist/clickhouse/softmax.wasm');
for (const [name, sql] of sqlFiles(readFileSync('build/clickhouse.wasm'))) {
  writeFileSync(path.join('dist/clickhouse', name), sql);
}
chmodSync('dist/cli/main.js', 0o755);
prune();

async function compile(entry, target) {
  const { error, stderr } = await asc.main([entry, '--target', target]);
  const said = stderr.toString();
  if (error || said.includes('WARNING')) console.error(said);
  if (error) throw error;
}
