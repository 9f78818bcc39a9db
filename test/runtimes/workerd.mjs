// Cloudflare's runtime with the package as a user gets it: packed, installed, bundled as wrangler does it, with esbuild.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { pack } from '../../scripts/pack.mjs';

/** Packs dist/ and installs it in a folder of its own, which `remove` removes. */
export function installPacked() {
  const folder = mkdtempSync(join(tmpdir(), 'softmax-simd-workerd-'));
  const args = ['install', '--prefix', folder, '--offline', '--no-audit', '--no-fund', pack(folder)];
  execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Starts a Worker over the package installed in `folder`.
 *
 * @param {string} folder
 * @param {{ entry?: string, source?: string, conditions: string[] }} options a file or its text, and the conditions
 *   under which the package's exports are read
 * @returns `ask(path, init?)`: the answer to a request, which must be one of success; `stop()`
 */
export async function startWorker(folder, { entry, source, conditions }) {
  const outdir = mkdtempSync(join(folder, 'bundle-'));
  await build({
    ...(entry === undefined
      ? { stdin: { contents: source, resolveDir: folder, sourcefile: 'worker.mjs' } }
      : { entryPoints: [entry] }),
    entryNames: 'worker',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions,
    // What is imported is the module, and lies beside the bundle.
    loader: { '.wasm': 'copy' },
    nodePaths: [join(folder, 'node_modules')],
    outdir,
    outExtension: { '.js': '.mjs' },
    logLevel: 'silent',
  });
  const worker = new Miniflare({
    modules: true,
    modulesRoot: outdir,
    scriptPath: join(outdir, 'worker.mjs'),
    modulesRules: [{ type: 'CompiledWasm', include: ['**/*.wasm'] }],
    compatibilityDate: '2026-04-26',
  });
  const ask = async (path, init) => {
    const answer = await worker.dispatchFetch(`http://127.0.0.1${path}`, init);
    if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
    return answer;
  };
  return { ask, stop: () => worker.dispose() };
}
