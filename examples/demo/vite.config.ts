import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { addresses } from './config/addresses.js';
import { parts } from './config/parts.js';
import { recorded } from './config/recorded.js';

const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
const { version } = JSON.parse(manifest) as { version: string };

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative addresses: the files work on any host and in any folder of it.
  base: './',
  plugins: [parts(), addresses()],
  define: { VERSION: JSON.stringify(version), RECORDED: JSON.stringify(recorded()) },
  build: {
    outDir: fileURLToPath(new URL('../../out/demo/site', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
  },
  worker: { format: 'es' },
});
