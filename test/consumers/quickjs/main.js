import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getQuickJS } from 'quickjs-emscripten';

// The package's own files in the engine, from the place where Node finds them.

const ENTRY = `
import { answers } from 'consumer-report';
import * as main from 'softmax-simd';
import * as scalar from 'softmax-simd/scalar';

globalThis.report = (async () => ({
  main: await answers(main, main.backend()),
  scalar: await answers(scalar, scalar.backend()),
}))();
`;

const resolve = (base, name) => {
  const from = base.startsWith('file:') ? base : import.meta.url;
  return name.startsWith('.') ? new URL(name, from).href : import.meta.resolve(name);
};

const runtime = (await getQuickJS()).newRuntime();
runtime.setModuleLoader((url) => readFileSync(fileURLToPath(url), 'utf8'), resolve);
const context = runtime.newContext();
context.unwrapResult(context.evalCode(ENTRY, 'main.js', { type: 'module' })).dispose();
const promise = context.getProp(context.global, 'report');
const settled = context.resolvePromise(promise);
runtime.executePendingJobs();
console.log(JSON.stringify(context.dump(context.unwrapResult(await settled))));
