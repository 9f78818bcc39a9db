// Node, Bun, Deno: prints what the package does in this process, as a line of JSON.
//
//   report.mjs [GLOBAL]      without a global, deleted before anything is imported
const [without] = process.argv.slice(2);
if (without) delete globalThis[without];
try {
  const api = await import('../../dist/index.js');
  const { probe } = await import('./probe.mjs');
  console.log(JSON.stringify(probe(api)));
} catch (error) {
  console.log(JSON.stringify({ error: `${error}` }));
}
