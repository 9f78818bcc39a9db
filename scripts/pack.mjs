// What npm packs: a package.json without what its users have no use for, as npm warns of a `prepare` script at each install,
// and a README without pictures and links to files that are not packed, which would be dead on npm's page.
//
//   node scripts/pack.mjs before     `npm pack` runs it first: builds, and leaves in both files what is packed
//   node scripts/pack.mjs after      `npm pack` runs it last: puts the whole ones back
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Where the whole files wait while others lie in their places. */
const WHOLE = path.join(ROOT, 'build/whole');
/** What is packed of a file's text. @type {Record<string, (text: string) => string>} */
const PACKED = { 'package.json': slim, 'README.md': unlinked };
/** What npm packs whatever `files` says. */
const ALWAYS = ['package.json', 'README.md', 'LICENSE'];

/** Packs what is built, touching nothing here: for the tests. @returns {string} the tarball's path, in `destination` */
export function pack(/** @type {string} */ destination) {
  const folder = mkdtempSync(path.join(tmpdir(), 'softmax-simd-pack-'));
  try {
    const { files } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    for (const file of [...ALWAYS, ...files])
      cpSync(path.join(ROOT, file), path.join(folder, file), { recursive: true });
    change(folder);
    const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', destination];
    const { status, stdout, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`npm pack ended with ${status}: ${stderr}`);
    return path.join(destination, JSON.parse(stdout)[0].filename);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function change(/** @type {string} */ folder) {
  for (const [name, packed] of Object.entries(PACKED)) {
    const file = path.join(folder, name);
    writeFileSync(file, packed(readFileSync(file, 'utf8')));
  }
}

function slim(/** @type {string} */ text) {
  const manifest = JSON.parse(text);
  delete manifest.scripts;
  delete manifest.devDependencies;
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Links become their text, which names the page; those to headings stay. */
function unlinked(/** @type {string} */ text) {
  return text.replace(/^<p>[^]*?^<\/p>\n\n/gm, '').replace(/(?<!!)\[([^\]]*)\]\((?!#)[^)]*\)/g, '$1');
}

async function before() {
  await import('./build.mjs');
  mkdirSync(WHOLE, { recursive: true });
  for (const name of Object.keys(PACKED)) copyFileSync(path.join(ROOT, name), path.join(WHOLE, name));
  change(ROOT);
}

function after() {
  for (const name of Object.keys(PACKED)) renameSync(path.join(WHOLE, name), path.join(ROOT, name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'before') await before();
  else after();
}
