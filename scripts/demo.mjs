// Builds dist/, then serves the demo page, rebuilt as its files change; or writes it as static files.
//
//   npm run demo
//   npm run demo:build      to out/demo/site
import { fileURLToPath } from 'node:url';
import { build, createServer } from 'vite';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
await import('./build.mjs');

const configFile = 'examples/demo/vite.config.ts';
if (process.argv.includes('--build')) {
  await build({ configFile });
} else {
  const server = await createServer({ configFile });
  await server.listen();
  server.printUrls();
}
