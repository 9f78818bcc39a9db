// Builds dist/: both wasm modules from assembly/, their bytes inlined, the TypeScript compiled.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { rolldown } from 'rolldown';
import { prune } from './prune.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
rmSync('dist', { recursive: true, force: true });
mkdirSync('build', { recursive: true });

const tiers = ['simd', 'relaxed'];
for (const tier of tiers) {
  const { error, stderr } = await asc.main(['assembly/index.ts', '--target', tier]);
  const said = stderr.toString();
  if (error || said.includes('WARNING')) console.error(said);
  if (error) throw error;
}
const inlined = tiers.map((tier) => {
  const base64 = readFileSync(`build/${tier}.wasm`).toString('base64');
  // The annotation keeps the bytes out of the declaration.
  return `export const ${tier}: string =\n  '${base64}';\n`;
});
writeFileSync('src/wasm/bytes.ts', `// Made by scripts/build.mjs from assembly/.\n${inlined.join('')}`);

// The pool's worker as one classic script, inlined too: a worker that had a URL of its own would be lost by bundlers.
const worker = await rolldown({ input: 'src/pool/worker.ts', platform: 'neutral' });
const { output } = await worker.generate({ format: 'iife', minify: true });
const [{ code }] = output;
writeFileSync(
  'src/pool/worker-source.ts',
  `// Made by scripts/build.mjs from worker.ts.\nexport const source: string = ${JSON.stringify(code)};\n`,
);

const require = createRequire(import.meta.url);
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.json'], { stdio: 'inherit' });
mkdirSync('dist/wasm', { recursive: true });
for (const tier of tiers) copyFileSync(`build/${tier}.wasm`, path.join('dist/wasm', `${tier}.wasm`));
writeFileSync('dist/pool/worker.js', code);
chmodSync('dist/cli/main.js', 0o755);
prune();
