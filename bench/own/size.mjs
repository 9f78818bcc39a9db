import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';

const require = createRequire(new URL('../peers/package.json', import.meta.url));

/** Bytes of each entry as a program ships it: bundled and minified by esbuild, and then gzipped. */
export function sizes() {
  return Object.fromEntries(
    ['index', 'scalar'].map((entry) => {
      const { outputFiles } = require('esbuild').buildSync({
        entryPoints: [`dist/${entry}.js`],
        bundle: true,
        minify: true,
        format: 'esm',
        write: false,
      });
      const [{ contents }] = outputFiles;
      return [entry, { minified: contents.length, gzipped: gzipSync(contents, { level: 9 }).length }];
    }),
  );
}
