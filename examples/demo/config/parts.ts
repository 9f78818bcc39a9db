import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';

const PART = /^ *<!-- (\S+\.html) -->\n/gm;

/** Puts the file that a comment of index.html names in its place: `<!-- digits/digits.html -->`, on a line of its own. */
export function parts(): Plugin {
  let root = '';
  return {
    name: 'parts',
    configResolved(config) {
      root = config.root;
    },
    transformIndexHtml: {
      order: 'pre',
      handler: (html) => html.replace(PART, (_, file: string) => readFileSync(path.join(root, file), 'utf8')),
    },
    // Vite takes such a file for another page.
    handleHotUpdate({ file, server }) {
      if (file.endsWith('.html')) server.ws.send({ type: 'full-reload' });
    },
  };
}
