import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** How Node loads the packages of bench/peers. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const peers = fileURLToPath(new URL('../peers/', import.meta.url));
const require = createRequire(`${peers}package.json`);

/** @type {import('../engines/index.mjs').Host} */
export const host = {
  load: async (name) => {
    if (name.endsWith('.js')) return bundled(name);
    // onnxruntime-node and onnxruntime-web would share one list of backends, and each answer with the other's.
    for (const file of Object.keys(require.cache)) if (file.includes('onnxruntime-common')) delete require.cache[file];
    return require(name);
  },
  folder: (name) => `${peers}node_modules/${name}/dist/`,
};

/** A file inside a package, written for bundlers: Node cannot import it as it is. @param {string} name */
async function bundled(name) {
  const outfile = path.join(root, 'out/bench', `${path.basename(name, '.js')}.mjs`);
  const entryPoints = [`${peers}node_modules/${name}`];
  await require('esbuild').build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node' });
  return import(pathToFileURL(outfile).href);
}
