// The licences of the libraries that a bundle has in it, as dist/THIRD-PARTY.md: their authors ask for that.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** @param {readonly string[]} modules files of the bundle @returns {string} a page of Markdown */
export function thirdParty(modules) {
  const folders = new Set(modules.map(packageOf).filter((folder) => folder !== null));
  const parts = [...folders].map((folder) => {
    const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const text = licenceOf(folder, name).trim();
    return { name, text: `## ${name} ${version}\n\n\`\`\`text\n${text}\n\`\`\`\n` };
  });
  parts.sort((a, b) => (a.name < b.name ? -1 : 1));
  const intro = 'The command line, dist/cli/main.js, contains these libraries.';
  return ['# Third-party licences\n', `${intro}\n`, ...parts.map(({ text }) => text)].join('\n');
}

/** The innermost package that a file belongs to; null for our own. */
function packageOf(/** @type {string} */ file) {
  const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.split(path.sep).join('/')) ?? [];
  return folder ?? null;
}

function licenceOf(/** @type {string} */ folder, /** @type {string} */ name) {
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} is bundled, and has no file with its licence`);
  return readFileSync(path.join(folder, file), 'utf8');
}
