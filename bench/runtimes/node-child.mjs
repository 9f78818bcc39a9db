// Runs the plan of the first argument on the Node that runs this, and prints one JSON line for each message.
// bench/runtimes/node.mjs starts it.
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runSuite } from '../suite/suite.mjs';
import { startTorch } from './torch-process.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const peers = fileURLToPath(new URL('../peers/', import.meta.url));
const require = createRequire(`${peers}package.json`);

const host = {
  load: async (name) => {
    if (name.endsWith('.js')) return bundled(name);
    // onnxruntime-node and onnxruntime-web would share one list of backends, and each answer with the other's.
    for (const file of Object.keys(require.cache)) if (file.includes('onnxruntime-common')) delete require.cache[file];
    return require(name);
  },
  folder: (name) => `${peers}node_modules/${name}/dist/`,
  startTorch: async () => {
    const torch = await startTorch();
    say({ type: 'version', engine: 'torch', version: torch.version });
    return torch;
  },
};

/** A file inside a package, written for bundlers: Node cannot import it as it is. */
async function bundled(name) {
  const outfile = path.join(root, 'out/bench', `${path.basename(name, '.js')}.mjs`);
  const entryPoints = [`${peers}node_modules/${name}`];
  await require('esbuild').build({ entryPoints, outfile, bundle: true, format: 'esm', platform: 'node' });
  return import(pathToFileURL(outfile).href);
}

function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

// Libraries greet on standard output, which carries the messages.
console.log = console.error;
await runSuite(host, JSON.parse(process.argv[2]), say);
// Libraries leave timers and threads behind; what was said must be out first.
process.stdout.write('', () => process.exit(0));
