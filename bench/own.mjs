// The figures without a peer once more (import, first result, small calls, sizes: bench/own/), into the committed records.
//
//   npm run build && node bench/own.mjs      a minute
import { fileURLToPath } from 'node:url';
import { measureOwn } from './own/own.mjs';
import { COMMITTED, readRecords, surroundings, writeRecord } from './record.mjs';
import { render } from './render.mjs';
import { findNode } from './runtimes/node.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
for (const record of readRecords()) {
  const { runtime, own, cpu } = record;
  if (own === undefined) continue;
  const { file, version } = findNode(runtime.id);
  const here = surroundings().cpu;
  if (version !== runtime.version || cpu !== here) {
    throw new Error(`${runtime.id}: measured on ${runtime.name} and ${cpu}, here are ${version} and ${here}`);
  }
  writeRecord(COMMITTED, {
    ...record,
    own: measureOwn(file, (label) => console.log(`${runtime.name}: ${label}`)),
  });
}
console.log(`written: ${(await render()).join(', ')}`);
