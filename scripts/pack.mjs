// What npm packs: a package.json without what its users have no use for, as npm warns of a `prepare` script at each install.
//
//   node scripts/pack.mjs before     `npm pack` runs it first: builds, and leaves in package.json what is packed
//   node scripts/pack.mjs after      `npm pack` runs it last: puts the whole one back
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MANIFEST = path.join(ROOT, 'package.json');
const WHOLE = path.join(ROOT, 'build/package.json');
/** What npm packs whatever `files` says. */
const ALWAYS = ['package.json', 'README.md', 'LICENSE'];

/** Packs what is built, touching nothing here: for the tests. @returns {string} the tarball's path, in `destination` */
export function pack(/** @type {string} */ destination) {
  const folder = mkdtempSync(path.join(tmpdir(), 'softmax-simd-pack-'));
  try {
    const { files } = JSON.parse(readFileSync(MANIFEST, 'utf8'));
    for (const file of [...ALWAYS, ...files])
      cpSync(path.join(ROOT, file), path.join(folder, file), { recursive: true });
    slim(path.join(folder, 'package.json'));
    const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', destination];
    const { status, stdout, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm pack ended with ${status}: ${stderr}`);
    return path.join(destination, JSON.parse(stdout)[0].filename);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function slim(/** @type {string} */ file) {
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  delete manifest.scripts;
  delete manifest.devDependencies;
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}

async function before() {
  await import('./build.mjs');
  copyFileSync(MANIFEST, WHOLE);
  slim(MANIFEST);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'before') await before();
  else renameSync(WHOLE, MANIFEST);
}
